from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from cictl.core.freeze import Freeze, parse_moment
from cictl.core.past_releases import Past, PastRelease
from cictl.core.promotion import Approval, Case, Obstacle, Refusal, Rules, choose, doubts, refusals, soaked_seconds
from cictl.core.rollout_state import Phase, Reason

NOW = 100_000.0


def release(revision: int, **changes: object) -> PastRelease:
    ended = NOW - 7200 + revision * 600
    known = PastRelease(
        revision=revision,
        image=f"r/shop@sha256:{revision}",
        commit=f"{revision:040}",
        outcome=Phase.SUCCEEDED,
        began=ended - 60,
        ended=ended,
        reason=Reason.NONE,
        gate="default",
    )
    return replace(known, **changes)  # type: ignore[arg-type]


STAGING = Past("staging", (release(1), release(2), release(3)), running=3)
PRODUCTION = Past("production", (release(7, image="r/shop@sha256:1"),), running=7)
RULES = Rules("production")
FRIDAY = Freeze(parse_moment("00:00"), parse_moment("24:00"), ZoneInfo("UTC"), "no releases", "from 00:00 until 24:00")


def case(**changes: object) -> Case:
    known = Case(now=NOW, source=STAGING, target=PRODUCTION, candidate=release(3))
    return replace(known, **changes)  # type: ignore[arg-type]


def obstacles(about: Case, rules: Rules = RULES, *, allow_older: bool = False) -> list[Obstacle]:
    found = refusals(about, rules, allow_older=allow_older)
    assert all(each.message and each.hint for each in found)
    return [each.obstacle for each in found]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param({}, 3, id="what-runs"),
        pytest.param({"revision": 2}, 2, id="by-number"),
        pytest.param({"digest": "sha256:1"}, 1, id="by-digest"),
    ],
)
def test_choose(asked: dict[str, object], expected: int) -> None:
    assert choose(STAGING, **asked) == release(expected)  # type: ignore[arg-type]


def test_by_digest_the_newest_that_was_healthy() -> None:
    past = Past("staging", (release(1), release(2, image=release(1).image, outcome=Phase.ROLLED_BACK)), running=1)
    assert choose(past, digest="sha256:1") == release(1)


@pytest.mark.parametrize(
    ("past", "asked", "words"),
    [
        (STAGING, {"revision": 9}, "no release 9 in staging"),
        (STAGING, {"digest": "sha256:9"}, "sha256:9 never ran in staging"),
        (replace(STAGING, running=None), {}, "no release that cictl knows runs in staging"),
    ],
)
def test_nothing_to_choose(past: Past, asked: dict[str, object], words: str) -> None:
    found = choose(past, **asked)  # type: ignore[arg-type]
    assert isinstance(found, Refusal)
    assert (found.obstacle, words in found.message, bool(found.hint)) == (Obstacle.NOT_FOUND, True, True)


def test_what_ran_healthy_may_go_on() -> None:
    assert obstacles(case()) == []
    assert obstacles(case(target=Past("production"))) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"outcome": None, "ended": None}, Obstacle.UNPROVEN, id="under-way"),
        pytest.param({"outcome": Phase.ROLLED_BACK, "why": "errors"}, Obstacle.UNHEALTHY, id="rolled-back"),
        pytest.param({"outcome": Phase.SUPERSEDED}, Obstacle.UNHEALTHY, id="superseded"),
        pytest.param({"reason": Reason.GATE_INSUFFICIENT}, Obstacle.UNPROVEN, id="nobody-called-it"),
        pytest.param({"reason": Reason.GATE_UNKNOWN}, Obstacle.UNPROVEN, id="told-to-proceed"),
    ],
)
def test_what_was_not_healthy_stays(changes: dict[str, object], expected: Obstacle) -> None:
    assert obstacles(case(candidate=release(3, **changes))) == [expected]


def test_what_nobody_committed_stays() -> None:
    uncommitted = case(candidate=release(3, is_dirty=True))
    assert obstacles(uncommitted, allow_older=True) == [Obstacle.UNCOMMITTED]
    assert f"release 3 ({3:040}"[:23] + "-dirty)" in refusals(uncommitted, RULES)[0].message


def test_an_undo_is_as_healthy_as_what_it_brought_back() -> None:
    undo = release(4, undo_of=2, image=release(2).image)
    past = replace(STAGING, releases=(*STAGING.releases, undo), running=4)
    assert obstacles(case(source=past, candidate=undo)) == []
    sick = replace(past, releases=(release(1), release(2, outcome=Phase.ROLLED_BACK), release(3), undo))
    assert obstacles(case(source=sick, candidate=undo)) == [Obstacle.UNHEALTHY]


@pytest.mark.parametrize(
    ("candidate", "seconds"),
    [
        pytest.param(3, 7200 - 1800, id="still-runs"),
        pytest.param(2, 600 - 60, id="until-the-next-began"),
    ],
)
def test_soak(candidate: int, seconds: float) -> None:
    about = case(candidate=release(candidate))
    assert soaked_seconds(about) == seconds
    rules = replace(RULES, soak_seconds=seconds)
    assert obstacles(about, rules) == []
    assert obstacles(about, replace(rules, soak_seconds=seconds + 1)) == [Obstacle.TOO_YOUNG]


def test_how_long_to_wait_is_said() -> None:
    running, gone = (refusals(case(candidate=release(n)), replace(RULES, soak_seconds=6000))[0] for n in (3, 2))
    assert running.hint == "try again in 10m1s"
    assert "it runs there no more" in gone.hint


@pytest.mark.parametrize(
    ("target", "is_older", "expected"),
    [
        pytest.param(Past("production", (release(7, image="r/shop@sha256:3"),), 7), None, True, id="by-number"),
        pytest.param(Past("production", (release(7, image="r/shop@sha256:2"),), 7), True, False, id="the-same-image"),
        pytest.param(Past("production", (release(7, image="r/x@sha256:9"),), 7), True, True, id="by-git"),
        pytest.param(Past("production", (release(7, image="r/x@sha256:9"),), 7), False, False, id="git-says-newer"),
        pytest.param(Past("production", (release(7, image="r/x@sha256:9"),), 7), None, False, id="nobody-knows"),
        pytest.param(Past("production", (release(7, image="r/x@sha256:3"),), 7), False, False, id="git-before-numbers"),
        pytest.param(Past("production"), None, False, id="nothing-there"),
    ],
)
def test_older(target: Past, is_older: bool | None, *, expected: bool) -> None:
    about = case(candidate=release(2), target=target, is_older=is_older)
    assert obstacles(about) == ([Obstacle.OLDER] if expected else [])
    assert obstacles(about, allow_older=True) == []


def test_an_undo_is_as_old_as_what_it_brought_back() -> None:
    undo = release(4, undo_of=2, image=release(2).image)
    past = replace(STAGING, releases=(*STAGING.releases, undo), running=4)
    target = Past("production", (release(7, image=release(3).image),), 7)
    assert obstacles(case(source=past, candidate=undo, target=target)) == [Obstacle.OLDER]


def test_what_cannot_be_told_is_said() -> None:
    assert doubts(case()) == ()
    strange = Past("production", (release(7, image="r/x@sha256:9"),), 7)
    assert "cannot be told" in doubts(case(target=strange))[0]
    assert doubts(case(target=strange, is_older=False)) == ()


def test_everything_is_said_at_once() -> None:
    rules = Rules("production", soak_seconds=1e6, freezes=(FRIDAY,), approval=Approval(by=("ann",)))
    about = case(has_image=False, candidate=release(2), target=Past("p", (release(7, image="x@sha256:3"),), 7))
    assert obstacles(about, rules) == [
        Obstacle.TOO_YOUNG,
        Obstacle.IMAGE_GONE,
        Obstacle.OLDER,
        Obstacle.FROZEN,
        Obstacle.NOT_PERMITTED,
    ]


PEOPLE = {"ann": "Ann@example.com", "bob": "bob@example.com"}


@pytest.mark.parametrize(
    ("approval", "who", "authors", "words"),
    [
        pytest.param(Approval(), None, None, None, id="nobody-is-asked-for"),
        pytest.param(Approval(by=("ann",)), None, None, "needs somebody's approval", id="nobody-named"),
        pytest.param(Approval(by=("ann",), people=PEOPLE), "bob", None, "bob may not", id="not-one-of-them"),
        pytest.param(Approval(by=("ann",), people=PEOPLE), "ann", None, None, id="one-of-them"),
        pytest.param(Approval(by=("ann", "eve"), people=PEOPLE), "eve", None, "Git address of eve", id="nobody-s-name"),
        pytest.param(Approval(four_eyes=True, people=PEOPLE), "eve", (), "Git address of eve", id="unmapped"),
        pytest.param(Approval(four_eyes=True, people=PEOPLE), "ann", None, "nobody knows who wrote", id="no-author"),
        pytest.param(
            Approval(four_eyes=True, people=PEOPLE), "ann", ("ann@EXAMPLE.com",), "ann wrote", id="the-author"
        ),
        pytest.param(Approval(four_eyes=True, people=PEOPLE), "bob", ("ann@example.com",), None, id="another"),
    ],
)
def test_approval(approval: Approval, who: str | None, authors: tuple[str, ...] | None, words: str | None) -> None:
    found = refusals(case(approved_by=who, authors=authors), replace(RULES, approval=approval))
    assert [each.obstacle for each in found] == ([] if words is None else [Obstacle.NOT_PERMITTED])
    assert words is None or words in found[0].message


def test_who_may_not_and_is_not_known_hears_both() -> None:
    rules = replace(RULES, approval=Approval(by=("ann",), people=PEOPLE))
    found = refusals(case(approved_by="an"), rules)
    assert [each.message for each in found] == [
        "an may not promote into production",
        "nobody knows the Git address of an",
    ]
    assert found[1].hint == "write it in cictl.yaml, under people: an; did you mean 'ann'?"


def test_a_plan_is_for_who_is_to_approve() -> None:
    rules = replace(RULES, approval=Approval(by=("ann",)))
    assert refusals(case(approved_by=None), rules, is_only_planned=True) == ()
    found = refusals(case(approved_by="bob"), rules, is_only_planned=True)
    assert {each.obstacle for each in found} == {Obstacle.NOT_PERMITTED}
