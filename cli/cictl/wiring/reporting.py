"""How a rollout's progress reaches people: plain lines with times, or a live table on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cictl.core.narration import action_line, finding_lines, gate_line
from cictl.core.rollout import Wait

if TYPE_CHECKING:
    from cictl.output import Output
    from cictl.services.driver_tools import Progress, Reporter


@contextmanager
def reporting(output: Output) -> Iterator[Reporter]:
    """Yield who tells people of the progress, and leave the terminal as it was."""
    if not output.is_watched:
        yield PlainReporter(output)
        return
    from cictl.wiring.live_view import LiveView  # noqa: PLC0415 - rich only where somebody looks

    with LiveView(no_color=output.no_color) as view:
        yield view


class PlainReporter:
    """One line for each thing that is new: acts, reasons to wait, verdicts, trouble.

    A reader that goes away, as `| head` does, silences it: a rollout that is under way does not end half-way for that.
    """

    def __init__(self, output: Output) -> None:
        """Write through OUTPUT's progress."""
        self._output = output
        self._said: dict[str, str] = {}
        self._is_heard = True

    def say(self, line: str) -> None:
        """Tell what is being waited for before there is progress."""
        self._print(line)

    def note(self, progress: Progress) -> None:
        """Say what is new in this look."""
        sight, action = progress.sight, progress.action
        self._once("action", action_line(progress.record, sight, action), is_final=not isinstance(action, Wait))
        gate = sight.snapshot.gate
        if gate is not None and self._said.get("verdict") != f"{gate.verdict}":
            self._said["verdict"] = f"{gate.verdict}"
            self._print(gate_line(gate))
        for line in finding_lines(sight):
            self._once(f"finding {line}", line, is_final=False)

    def _once(self, topic: str, line: str, *, is_final: bool) -> None:
        if is_final or self._said.get(topic) != line:
            self._print(line)
        self._said[topic] = line

    def _print(self, line: str) -> None:
        if not self._is_heard:
            return
        try:
            self._output.progress(line)
        except OSError:
            self._is_heard = False
