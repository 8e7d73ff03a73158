"""Reads what users keep in files of their own and name on the command line: passwords, values of parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.errors import NotFound
from cictl.redaction import redact

if TYPE_CHECKING:
    from pathlib import Path


def given_text(path: Path, what: str, *, hint: str) -> str:
    """Return the text in PATH; NotFound, which calls it WHAT, where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise NotFound(f"{what} cannot be read: {reason}", hint=hint) from error


def given_password(path: Path, *, hint: str) -> str:
    """Return the password in PATH, which no log shows from now on."""
    return checked_password(given_text(path, f"the password in {path}", hint=hint), path, hint=hint)


def checked_password(text: str, place: object, *, hint: str) -> str:
    """Return the password that TEXT of PLACE is, without its line's end; a blank may be part of it."""
    password = text.rstrip("\r\n")
    if not password:
        raise NotFound(f"the password in {place} is missing: nothing is in it", hint=hint)
    return redact(password)
