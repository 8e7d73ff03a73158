"""The only place of the lab that prints: results on stdout, progress on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

STARTED = time.monotonic()


def show(text: str) -> None:
    """Print a result."""
    print(text, flush=True)


def note(text: str) -> None:
    """Print a line of progress with the seconds since the program began."""
    print(f"{time.monotonic() - STARTED:7.1f}s  {text}", file=sys.stderr, flush=True)


def complain(message: str, hint: str) -> None:
    """Print an error and what to do next."""
    print(f"error: {message}", file=sys.stderr, flush=True)
    if hint:
        print(f"hint: {hint}", file=sys.stderr, flush=True)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say that a step that may take long has begun, and how long it took."""
    note(f"{name} ...")
    began = time.monotonic()
    yield
    note(f"{name}: done in {time.monotonic() - began:.1f} s")
