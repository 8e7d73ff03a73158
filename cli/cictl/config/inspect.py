"""The configuration laid flat: every value with its key and where it came from; and the schemas for editors."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cictl.config.problems import KeyPath, dotted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

    from cictl.config.platform import Config


@dataclass(frozen=True, slots=True)
class Setting:
    """One value as the file would write it, and its origin."""

    key: str
    value: object
    origin: str

    @property
    def shown(self) -> str:
        """The value on one line, as YAML would write it."""
        return self.value if isinstance(self.value, str) else json.dumps(self.value)


def settings(config: Config) -> list[Setting]:
    """Return each single value of CONFIG in the order of the model."""
    data = config.model.model_dump(mode="json", by_alias=True)
    return [Setting(dotted(path), value, config.provenance.of(dotted(path))) for path, value in _leaves(data, ())]


def _leaves(value: object, path: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*path, index))
    elif value not in (None, [], {}, ""):
        yield path, value


def platform_schema() -> dict[str, Any]:
    """Return the JSON schema of cictl.yaml."""
    from cictl.config.models import PlatformFile  # noqa: PLC0415 - pydantic only when it is needed

    return _schema(PlatformFile, "cictl.yaml")


def service_schema() -> dict[str, Any]:
    """Return the JSON schema of service.yaml."""
    from cictl.config.service_file import ServiceFile  # noqa: PLC0415 - pydantic only when it is needed

    return _schema(ServiceFile, "service.yaml")


def _schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}
