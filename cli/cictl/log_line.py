"""One line on stderr, as text or as JSON; apart from `logs`, so that `--help` need not import logging."""

from __future__ import annotations

from enum import StrEnum

from cictl.redaction import redacted_data


class LogFormat(StrEnum):
    """How lines on stderr are written."""

    TEXT = "text"
    JSON = "json"


def json_line(level: str, message: str, *, at: float, **fields: object) -> str:
    """Return one redacted JSON log line; AT is in seconds since the epoch."""
    import json  # noqa: PLC0415 - --help writes none
    from datetime import UTC, datetime  # noqa: PLC0415 - as above

    time = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps(redacted_data({"time": time, "level": level, "message": message, **fields}))
