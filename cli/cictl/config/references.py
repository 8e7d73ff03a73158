"""Whether the names in cictl.yaml name something, and whether environments come one after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.core.spelling import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cictl.config.models import PlatformFile
    from cictl.config.problems import KeyPath, Problem
    from cictl.config.source import Source

BUILT_IN_STRATEGY = "direct"


def reference_problems(model: PlatformFile, source: Source) -> list[Problem]:
    """Return what MODEL refers to and does not have."""
    findings = [*_unknown_names(model), *_cycles(model)]
    return [source.problem(path, message) for path, message in findings]


def _unknown_names(model: PlatformFile) -> Iterator[tuple[KeyPath, str]]:
    strategies = {*model.strategies, BUILT_IN_STRATEGY}
    for name, environment in model.environments.items():
        here = ("environments", name)
        yield from _unknown((*here, "strategy"), environment.strategy, strategies, "strategy")
        yield from _unknown((*here, "gate"), environment.gate, model.gates, "gate")
        yield from _unknown((*here, "after"), environment.after, model.environments, "environment")
        for index, person in enumerate(environment.approval.by if environment.approval else ()):
            yield from _nobody((*here, "approval", "by", index), person, model.people)
    for name, strategy in model.strategies.items():
        yield from _unknown(("strategies", name, "gate"), strategy.gate, model.gates, "gate")


def _unknown(
    path: KeyPath, name: str | None, known: Mapping[str, object] | set[str], kind: str
) -> Iterator[tuple[KeyPath, str]]:
    if name is not None and name not in known:
        yield path, f"there is no {kind} {name!r}; {suggestion(name, known)}"


def _nobody(path: KeyPath, name: str, people: Mapping[str, str]) -> Iterator[tuple[KeyPath, str]]:
    if name not in people:
        yield path, f"people has no {name!r}; {suggestion(name, people)}"


def _cycles(model: PlatformFile) -> Iterator[tuple[KeyPath, str]]:
    for name in model.environments:
        chain = [name]
        while (before := _after(model, chain[-1])) and before not in chain:
            chain.append(before)
        if before == name:
            yield ("environments", name, "after"), f"goes round in a circle: {' after '.join([*chain, name])}"


def _after(model: PlatformFile, name: str) -> str | None:
    entry = model.environments.get(name)
    return entry.after if entry else None
