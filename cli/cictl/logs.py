"""Log lines on stderr, as text or JSON; no registered secret and nothing that looks like one ever gets through."""

from __future__ import annotations

import json
import logging
import math
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum, StrEnum
from typing import TextIO

MASK = "[redacted]"
_SHORTEST_SECRET = 4  # shorter values would mask half of every sentence

_secrets: set[str] = set()
_PATTERNS = (
    re.compile(r"(?i)(\b(?:proxy-)?authorization['\"]?\s*[:=]\s*['\"]?(?:(?:basic|bearer|token)\s+)?)[^\s'\",}]+"),
    re.compile(r"(?i)(\b(?:basic|bearer)\s+)[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*://[^\s/:@]*:)[^\s/@]+(?=@)"),
    re.compile(
        r"(?i)(['\"]?\b(?:password|passwd|api[_-]?token|access[_-]?token|secret[_-]?key)['\"]?\s*[:=]\s*['\"]?)[^\s'\",}&]+"
    ),
)


class LogFormat(StrEnum):
    """How lines on stderr are written."""

    TEXT = "text"
    JSON = "json"


def redact(value: str) -> str:
    """Register VALUE as a secret, so that it is masked wherever text leaves the process; return it unchanged."""
    for part in {value, value.strip()}:
        if len(part) >= _SHORTEST_SECRET:
            _secrets.add(part)
    return value


def redacted(text: str) -> str:
    """Return TEXT without registered secrets and without what has the shape of one."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\1{MASK}", text)
    return text


def redacted_data(value: object) -> object:
    """Return VALUE as what JSON can say, its texts redacted: a secret with quotes would look different in JSON."""
    if isinstance(value, Mapping):
        return {str(key): redacted_data(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted_data(inner) for inner in value]
    if isinstance(value, Enum):
        return redacted_data(value.value)
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON has no NaN
    return value if value is None or isinstance(value, bool | int | float) else redacted(str(value))


def json_line(level: str, message: str, *, at: float, **fields: object) -> str:
    """Return one redacted JSON log line; AT is in seconds since the epoch."""
    time = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps(redacted_data({"time": time, "level": level, "message": message, **fields}))


class _TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {"logger": record.name}
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json_line(record.levelname.lower(), record.getMessage(), at=record.created, **fields)


class _StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to what sys.stderr is at that moment, which a live view or a test may have replaced."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, value: TextIO) -> None:
        raise NotImplementedError


def configure(log_format: LogFormat, *, verbosity: int = 0) -> logging.Logger:
    """Send all logging to stderr in LOG_FORMAT; VERBOSITY 0 shows warnings, 1 cictl's own steps, 2 everything."""
    handler = _StderrHandler()
    text = _TextFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s", datefmt="%H:%M:%S")
    handler.setFormatter(_JsonFormatter() if log_format is LogFormat.JSON else text)
    root = logging.getLogger()
    root.handlers = [handler]
    # Libraries warn of each retry; who wants to see that asks for it.
    root.setLevel((logging.ERROR, logging.WARNING, logging.DEBUG)[min(verbosity, 2)])
    logger = logging.getLogger("cictl")
    logger.setLevel((logging.WARNING, logging.INFO, logging.DEBUG)[min(verbosity, 2)])
    return logger
