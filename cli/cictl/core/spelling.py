"""Which known name somebody most likely meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the one of KNOWN that looks most like NAME, None if nothing comes near."""
    from difflib import get_close_matches  # noqa: PLC0415 - only who misspells waits for it

    return next(iter(get_close_matches(name, list(known), n=1, cutoff=0.6)), None)


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return a hint for the unknown NAME: the nearest of KNOWN, else all of them."""
    names = sorted(known)
    if close := nearest(name, names):
        return f"did you mean {close!r}?"
    return f"known: {', '.join(names)}" if names else "there are none"
