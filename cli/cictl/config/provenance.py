"""Where each value came from, and how environment variables and flags win over the file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cictl.config.models import PlatformFile
from cictl.config.problems import KeyPath, dotted
from cictl.config.validate import known_keys
from cictl.core.spelling import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cictl.config.source import Source

# Other programs want them, too: what merely completes a section makes none where there is no other word of it.
_STANDARD_VARIABLES = {"jenkins.url": "JENKINS_URL", "jenkins.user": "JENKINS_USER_ID"}
_COMPLETING = frozenset({"jenkins.user"})
_SECTIONS = tuple(PlatformFile.model_fields)


@dataclass(frozen=True, slots=True)
class Provenance:
    """The origin of each value by dotted key: `cictl.yaml:3`, a variable, a flag, or `default`."""

    origins: Mapping[str, str] = field(default_factory=dict)

    def of(self, key: str) -> str:
        """Return where the value at KEY came from."""
        return self.origins.get(key, "default")


def variable_name(key: str) -> str:
    """Return the environment variable that wins over KEY."""
    return "CICTL_" + re.sub(r"[^A-Z0-9]+", "_", key.upper())


def with_overrides(
    source: Source, environ: Mapping[str, str], flags: Mapping[str, tuple[str, str]]
) -> tuple[Source, Provenance]:
    """Return SOURCE with what ENVIRON and FLAGS (key → flag, value) put in place of its values."""
    origins = {dotted(path): f"{source.file}:{line}" for path, line in source.lines.items()}
    data = _copied(source.data)
    for path in _overridable(data):
        key = dotted(path)
        standard = "" if key in _COMPLETING and path[0] not in data else _STANDARD_VARIABLES.get(key, "")
        for variable in (variable_name(key), standard):
            if value := environ.get(variable):
                origins[key] = variable
                _put(data, path, value)
                break
    for key, (flag, value) in flags.items():
        origins[key] = flag
        _put(data, tuple(key.split(".")), value)
    return replace(source, data=data), Provenance(origins)


def unknown_variables(source: Source, environ: Mapping[str, str]) -> list[str]:
    """Return a warning for each variable that looks like an override but overrides nothing."""
    known = {variable_name(dotted(path)) for path in _overridable(source.data)}
    prefixes = tuple(f"CICTL_{section.upper()}_" for section in _SECTIONS)
    strange = sorted(name for name in environ if name.startswith(prefixes) and name not in known)
    return [f"{name} overrides nothing; {suggestion(name, known)}" for name in strange]


def _overridable(data: Mapping[str, object]) -> Iterator[KeyPath]:
    """Single values of the fixed sections, and of each entry that the file has."""
    for section in ("jenkins", "registry", "prometheus"):
        yield from ((section, key) for key in known_keys(PlatformFile, (section,)) if key != "token")
    for section in ("environments", "strategies", "gates", "services"):
        entries = data.get(section)
        for name in entries if isinstance(entries, dict) else ():
            keys = known_keys(PlatformFile, (section, name))
            yield from ((section, name, key) for key in keys if key not in {"steps", "checks"})


def _copied(value: object) -> dict[str, object]:
    return {key: _copied(inner) if isinstance(inner, dict) else inner for key, inner in value.items()}  # type: ignore[attr-defined]


def _put(data: dict[str, object], path: KeyPath, value: str) -> None:
    here: object = data
    for part in path[:-1]:
        if not isinstance(here, dict):
            return
        here = here.setdefault(part, {})
    if isinstance(here, dict):
        here[path[-1]] = value
