"""Says what was written by a run of jobs that is stopped, by Ctrl-C, by SIGTERM or by an answer of no."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cictl.core.job_outcome import Outcome
    from cictl.wiring.app import App


@dataclass(slots=True)
class Tally:
    """Whether writing has begun, and how much is WRITTEN."""

    has_begun: bool = False
    written: int = 0

    def begin(self) -> None:
        """From now on something may be written that nobody hears of."""
        self.has_begun = True

    def count(self, outcome: Outcome) -> None:
        """Count OUTCOME if it was written."""
        self.written += outcome.is_written

    def __str__(self) -> str:
        if not self.has_begun:
            return "nothing was written"
        known = f"{self.written} written" if self.written else "nothing is known to be written"
        return f"{known}; what was under way may be, too: run it again, and it goes on from there"


@contextmanager
def tallied(app: App) -> Iterator[Tally]:
    """Yield what counts; where the block is stopped, it is told."""
    tally = Tally()
    try:
        yield tally
    except (KeyboardInterrupt, click.Abort):
        app.output.progress(f"stopped: {tally}")
        raise
