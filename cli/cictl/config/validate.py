"""From plain values to a model, with every finding turned into file, line, key and the nearest known key."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from cictl.config.problems import ConfigProblems, KeyPath, Problem, dotted
from cictl.core.spelling import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

    from cictl.config.provenance import Provenance
    from cictl.config.source import Source

_M = TypeVar("_M", bound=BaseModel)
_MESSAGES = {
    "too_short": "needs at least one entry",
    "missing": "is missing",
    "dict_type": "should be a mapping",
    "string_type": "should be a text",
    "list_type": "should be a list",
    "tuple_type": "should be a list",
}


def validate(model: type[_M], source: Source, provenance: Provenance | None = None) -> _M:
    """Return MODEL of SOURCE, or raise all that is wrong with it; PROVENANCE names overrides, which have no line."""
    try:
        return model.model_validate(source.data)
    except ValidationError as error:
        details = _without_echoes(error.errors())
        raise ConfigProblems([_problem(model, source, provenance, detail) for detail in details]) from error


def _without_echoes(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out lists that are called too short only because their items have findings of their own."""
    places = [detail["loc"] for detail in details]
    return [d for d in details if d["type"] != "too_short" or not any(_is_below(p, d["loc"]) for p in places)]


def _is_below(place: tuple[str | int, ...], above: tuple[str | int, ...]) -> bool:
    return len(place) > len(above) and place[: len(above)] == above


def _problem(model: type[BaseModel], source: Source, provenance: Provenance | None, detail: ErrorDetails) -> Problem:
    path: KeyPath = tuple(part for part in detail["loc"] if part != "[key]")
    problem = source.problem(path, _message(model, path, detail))
    origin = provenance.of(dotted(path)) if provenance else "default"
    overridden = origin != "default" and not origin.startswith(f"{source.file}:")
    return replace(problem, file=origin, line=0) if overridden else problem


def _message(model: type[BaseModel], path: KeyPath, detail: ErrorDetails) -> str:
    kind = detail["type"]
    if kind == "extra_forbidden":
        return f"unknown key; {suggestion(str(path[-1]), known_keys(model, path[:-1]))}"
    if kind == "model_type":
        return f"should be a mapping with keys of: {', '.join(known_keys(model, path))}"
    if kind in {"literal_error", "enum"}:
        return f"{detail['input']!r} is not one of {detail['ctx']['expected']}"
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    is_unquoted = kind == "string_type" and isinstance(detail["input"], date | int | float)
    return _unquoted(detail["input"]) if is_unquoted else _MESSAGES.get(kind, detail["msg"].removeprefix("Input "))


def _unquoted(value: date | float) -> str:
    is_what = "truth value" if isinstance(value, bool) else "date" if isinstance(value, date) else "number"
    return f"is a {is_what} for YAML, and should be a text: put it in quotes"


def known_keys(model: type[BaseModel], path: KeyPath) -> list[str]:
    """Return the keys that MODEL takes at PATH; none where the keys are free."""
    here = _model_at(model, path)
    return [field.alias or name for name, field in here.model_fields.items()] if here else []


def _model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    here: object = model
    for part in path:
        here = _below(here, part)
    return next(_models_in(here), None)


def _below(annotation: object, part: str | int) -> object:
    if get_origin(annotation) is dict:
        return get_args(annotation)[-1]
    if get_origin(annotation) in {tuple, list}:
        return get_args(annotation)[0]
    fields = (model.model_fields.items() for model in _models_in(annotation))
    return next((field.annotation for items in fields for name, field in items if part in {name, field.alias}), None)


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the models that ANNOTATION may hold, through unions, tuples and lists."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)
