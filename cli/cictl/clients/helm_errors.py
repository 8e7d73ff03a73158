"""What Helm prints when a chart does not render, as an error that names the chart, the key and the nearest one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cictl.core.objects import mapping_at
from cictl.core.spelling import suggestion
from cictl.errors import ConfigInvalid

if TYPE_CHECKING:
    from cictl.core.chart_request import ChartRequest

_SCHEMA_HEADING = "values don't meet the specifications of the schema(s)"
_SCHEMA_LINE = re.compile(r"^- at '(?P<pointer>[^']*)': (?P<what>.*)$", re.MULTILINE)
_UNKNOWN_KEYS = re.compile(r"additional propert\S+ (?P<names>'.*') not allowed")
_TEMPLATE_ERROR = re.compile(r"execution error at \((?P<where>[^)]+)\): (?P<what>.*)", re.DOTALL)
_NOISE = re.compile(r"^Error: |\s*Use --debug flag to render out invalid YAML\s*$")
_DEFAULT_HINT = "correct the values in service.yaml, or the chart"


class ChartInvalid(ConfigInvalid):
    """A chart does not render with the given values."""


def translate(stderr: str, request: ChartRequest) -> ChartInvalid:
    """Return what Helm's STDERR says of REQUEST."""
    told = "\n".join(line for line in stderr.splitlines() if not line.startswith("WARNING:"))
    message = _NOISE.sub("", _NOISE.sub("", told.strip()))
    if _SCHEMA_HEADING in message:
        return _schema_error(message, request)
    if match := _TEMPLATE_ERROR.search(message):
        return _does_not_render(f"{match['what'].strip()} ({match['where']})", request)
    return _unusable_chart(message, request) or _does_not_render(message, request)


def _schema_error(message: str, request: ChartRequest) -> ChartInvalid:
    """Return an error with one part for each value that the chart's schema refuses."""
    found = [(match["pointer"], match["what"]) for match in _SCHEMA_LINE.finditer(message)]
    parts = [f"{pointer.strip('/').replace('/', '.') or 'values'}: {what}" for pointer, what in found]
    hints = [hint for pointer, what in found if (hint := _unknown_key_hint(request.chart, pointer, what))]
    return _does_not_render("; ".join(parts) or message, request, hints[0] if hints else _DEFAULT_HINT)


def _unknown_key_hint(chart: str, pointer: str, what: str) -> str | None:
    """Return which key was meant by an unknown one, by the chart's own schema."""
    match = _UNKNOWN_KEYS.search(what)
    if match is None:
        return None
    known = _known_keys(Path(chart) / "values.schema.json", pointer)
    return suggestion(match["names"].split(",")[0].strip().strip("'"), known) if known else None


def _known_keys(schema: Path, pointer: str) -> tuple[str, ...]:
    """Return the keys that SCHEMA allows at POINTER, none where it cannot be told."""
    try:
        found: Any = json.loads(schema.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    for part in filter(None, pointer.split("/")):
        found = mapping_at(found, "properties", part)
    return tuple(mapping_at(found, "properties"))


def _unusable_chart(message: str, request: ChartRequest) -> ChartInvalid | None:
    """Return what is wrong with the chart as a whole, None if it is one."""
    if "missing in charts/ directory" in message:
        hint = f"run 'helm dependency build {request.chart}'"
        return ChartInvalid(f"chart {request.chart} lacks its dependencies", hint=hint)
    if "Chart.yaml file is missing" in message or (message.startswith("path ") and message.endswith("not found")):
        return ChartInvalid(f"there is no chart at {request.chart}", hint="correct `chart.path` in service.yaml")
    return None


def _does_not_render(what: str, request: ChartRequest, hint: str = _DEFAULT_HINT) -> ChartInvalid:
    return ChartInvalid(f"chart {request.chart} does not render for {request.name}: {what}", hint=hint)
