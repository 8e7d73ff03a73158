from __future__ import annotations

import pytest

from cictl.output import Output
from cictl.wiring.reporting import PlainReporter


def test_a_reader_that_goes_away_ends_no_rollout(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []

    def close_after_one(_output: Output, line: str) -> None:
        lines.append(line)
        if len(lines) > 1:
            raise BrokenPipeError

    monkeypatch.setattr(Output, "progress", close_after_one)
    reporter = PlainReporter(Output())
    for line in ("one", "two", "three"):
        reporter.say(line)
    assert lines == ["one", "two"], "what nobody reads is not tried again"
