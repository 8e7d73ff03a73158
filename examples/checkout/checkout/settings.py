"""Where the values come from: the mounted file, then the environment, which wins."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DEFAULT_FILE = "/etc/app/config.yaml"
BUILTIN = "builtin"  # as catalog_url: a price of its own, so that it runs alone
LONGEST_SECONDS = 3600


class SettingsError(Exception):
    """A key that nobody knows, or a value that cannot be."""


@dataclass(frozen=True)
class Settings:
    """In the file a field goes by its own name, in the environment by the same in capitals."""

    version: str = "dev"
    greeting: str = "hello"
    catalog_url: str = "http://catalog"
    catalog_timeout: float = 1.0
    port: int = 8080
    metrics_port: int = 9102
    drain: float = 0.5  # how long /readyz fails before the listener closes
    fault_error_rate: float = 0.0
    fault_latency: float = 0.0
    fault_crash_at_start: bool = False
    fault_never_ready: bool = False


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """Merge file and environment; an empty variable counts as absent, so that an unset build argument does."""
    named = environment.get("CONFIG_FILE", "")
    path = Path(named or DEFAULT_FILE)
    values = parse(path.read_text(encoding="utf-8")) if named or path.is_file() else {}
    for field in fields(Settings):
        if value := environment.get(field.name.upper(), ""):
            values[field.name] = value
    return Settings(**{key: convert(key, value) for key, value in values.items()})


def parse(text: str) -> dict[str, str]:
    """Read `key: value` lines, which are YAML's plainest part; comments stand on lines of their own."""
    lines = [line.strip() for line in text.splitlines()]
    pairs = [line.partition(":") for line in lines if line and not line.startswith("#")]
    return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}


def convert(key: str, value: str) -> Any:  # noqa: ANN401 - each field has a type of its own
    """Make VALUE what the field KEY wants."""
    try:
        return READERS[key](value)
    except KeyError as error:
        message = f"unknown key {key!r}; known are {', '.join(READERS)}"
        raise SettingsError(message) from error
    except ValueError as error:
        message = f"{key}: {value!r} {error}"
        raise SettingsError(message) from error


def header(value: str) -> str:
    """Text that can stand in a response header."""
    if not value.isascii() or not value.isprintable():
        message = "is not printable ASCII"
        raise ValueError(message)
    return value


def share(value: str) -> float:
    """Read a share from 0 to 1."""
    if not 0 <= float(value) <= 1:
        message = "is not between 0 and 1"
        raise ValueError(message)
    return float(value)


def seconds(value: str) -> float:
    """Read `250ms`, `1.5s`, or a bare number of seconds."""
    number = float(value[:-2]) / 1000 if value.endswith("ms") else float(value.removesuffix("s"))
    if not 0 <= number <= LONGEST_SECONDS:
        message = f"is not between 0 and {LONGEST_SECONDS}s"
        raise ValueError(message)
    return number


def switch(value: str) -> bool:
    """Read true or false."""
    known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if value.lower() not in known:
        message = "is neither true nor false"
        raise ValueError(message)
    return known[value.lower()]


READERS: dict[str, Callable[[str], Any]] = {
    "version": header,
    "greeting": header,
    "catalog_url": str,
    "catalog_timeout": seconds,
    "port": int,
    "metrics_port": int,
    "drain": seconds,
    "fault_error_rate": share,
    "fault_latency": seconds,
    "fault_crash_at_start": switch,
    "fault_never_ready": switch,
}
