from __future__ import annotations

from collections.abc import Callable

import pytest

from cictl.errors import Conflict, Unreachable
from cictl.services.once import do_once

LOST, MOVED = Unreachable("no answer"), Conflict("moved")


def script(*answers: str | Exception | None) -> Callable[[], str | None]:
    left = list(answers)

    def call() -> str | None:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return call


@pytest.mark.parametrize(
    ("written", "found", "expected"),
    [
        pytest.param(["w"], [], "w", id="answered"),
        pytest.param([LOST], ["f"], "f", id="lost-but-done"),
        pytest.param([LOST, "w"], [None], "w", id="lost-and-not-done"),
        pytest.param([LOST, MOVED], [None, "f"], "f", id="the-lost-one-came-after-all"),
        pytest.param([LOST, LOST, LOST], [None, None, "f"], "f", id="looked-at-to-the-last"),
    ],
)
def test_done_once(written: list[str | Exception | None], found: list[str | Exception | None], expected: str) -> None:
    assert do_once(script(*written), script(*found)) == expected


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        pytest.param([MOVED], Conflict, id="somebody-elses"),
        pytest.param([LOST, LOST, LOST], Unreachable, id="away-for-good"),
    ],
)
def test_what_was_not_done_is_told(written: list[str | Exception | None], problem: type[Exception]) -> None:
    with pytest.raises(problem):
        do_once(script(*written), script(None, None, None))
