from __future__ import annotations

from collections.abc import Sequence

import pytest

from lab.demo.claims import judge, judge_beyond
from lab.demo.clients import Clients
from lab.load import Record

BAD_UNTIL = 130.0


def answer(at: float, version: str | None, config: str | None = "welcome", status: int | None = 200) -> Record:
    return Record(at, at, 0.01, status, None if status else "reset", version, config)


STORY = [
    answer(101, "1"),
    answer(110, "2"),
    answer(120, "3", "cheers"),
    answer(121, "3", "cheers", 500),
    answer(140, "2"),
    answer(160, "4", "cheers"),
]


def held(records: Sequence[Record]) -> list[bool]:
    clients = Clients("http://127.0.0.1:1/", rate=1, allow_any=False)
    clients.records = records
    clients._marks = [("all", 100.0), ("4 runs", 150.0), ("", 170.0)]
    return [claim.holds for claim in judge(clients, good=("1", "2", "4"), bad="3", bad_until=BAD_UNTIL)]


def test_the_story_as_it_should_be() -> None:
    assert held(STORY) == [True] * 6


@pytest.mark.parametrize(
    ("more", "broken"),
    [
        pytest.param(answer(115, None, None, None), 0, id="a-request-without-an-answer"),
        pytest.param(answer(115, "2", status=502), 1, id="an-error-of-a-good-version"),
        pytest.param(answer(140, "3", "cheers"), 3, id="bad-after-it-was-taken-back"),
        pytest.param(answer(141, "2", "cheers"), 4, id="image-back-but-configuration-not"),
        pytest.param(answer(161, "2"), 5, id="the-last-version-does-not-have-it-all"),
    ],
)
def test_what_is_not_as_it_should_be(more: Record, broken: int) -> None:
    assert [index for index, holds in enumerate(held([*STORY, more])) if not holds] == [broken]


def test_a_bad_version_that_nobody_met_proves_nothing() -> None:
    assert held([one for one in STORY if one.version != "3"])[2] is False


BEYOND = [answer(101, "1"), answer(112, "2"), answer(126, "2"), answer(131, "1"), answer(146, "1")]


def held_beyond(records: Sequence[Record]) -> list[bool]:
    clients = Clients("http://127.0.0.1:1/", rate=1, allow_any=False)
    clients.records = records
    clients._marks = [("looks", 100.0), ("2 comes", 110.0), ("2 runs", 120.0), ("1 comes", 130.0), ("1 runs", 140.0)]
    clients._marks.append(("", 150.0))
    return [claim.holds for claim in judge_beyond(clients, first="1", promoted="2", bad="3")]


@pytest.mark.parametrize(
    ("more", "broken"),
    [
        pytest.param([], [], id="as-it-should-be"),
        pytest.param([answer(115, None, None, None)], [0, 1], id="a-request-without-an-answer"),
        pytest.param([answer(115, "2", status=500)], [1], id="an-error"),
        pytest.param([answer(115, "3")], [2], id="the-bad-one-came-through"),
        pytest.param([answer(125, "1")], [3], id="the-promoted-one-has-not-all"),
        pytest.param([answer(145, "2")], [4], id="not-all-undone"),
        pytest.param([answer(120.5, "1"), answer(140.5, "2")], [], id="routes-change-in-a-moment"),
    ],
)
def test_what_is_not_as_it_should_be_beyond(more: Sequence[Record], broken: list[int]) -> None:
    assert [index for index, holds in enumerate(held_beyond([*BEYOND, *more])) if not holds] == broken
