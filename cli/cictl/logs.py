"""Log lines on stderr, as text or JSON; no registered secret and nothing that looks like one ever gets through."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

from cictl.log_line import LogFormat, json_line
from cictl.redaction import redact, redacted

__all__ = ["LogFormat", "configure", "redact"]


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
        message = f"the stream follows sys.stderr: replace that, not this by {value!r}"
        raise AttributeError(message)


def configure(log_format: LogFormat, *, verbosity: int = 0, has_times: bool = True) -> logging.Logger:
    """Send all logging to stderr in LOG_FORMAT; VERBOSITY 0 shows warnings, 1 cictl's own steps, 2 everything."""
    handler = _StderrHandler()
    stamp = "%(asctime)s " if has_times else ""
    text = _TextFormatter(f"{stamp}%(levelname)s %(name)s: %(message)s", datefmt="%H:%M:%S")
    handler.setFormatter(_JsonFormatter() if log_format is LogFormat.JSON else text)
    root = logging.getLogger()
    root.handlers = [handler]
    # Libraries warn of each retry; who wants to see that asks for it.
    root.setLevel((logging.ERROR, logging.WARNING, logging.DEBUG)[min(verbosity, 2)])
    logger = logging.getLogger("cictl")
    logger.setLevel((logging.WARNING, logging.INFO, logging.DEBUG)[min(verbosity, 2)])
    return logger
