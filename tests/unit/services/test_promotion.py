from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from cictl.core.commits import Commit
from cictl.core.promotion import Approval, Rules
from cictl.core.rollout_state import Phase
from cictl.errors import GateUndecided, NotAllowed, NotFound
from cictl.services.promotion import Asked, Promotions, past_of
from cictl.services.release_store import StoredRelease
from tests.unit.rollout_cases import NOW, a_record


@dataclass(frozen=True)
class Kept:
    """An environment that remembers one release, which runs."""

    finished: str
    stored: StoredRelease | None = None

    def releases(self) -> tuple[StoredRelease, ...]:
        return (self.stored or StoredRelease(a_record(), "uid", Phase.SUCCEEDED, self.finished, "well"),)

    def running(self) -> int | None:
        return 7

    def now(self) -> float:
        return NOW


@pytest.mark.parametrize(
    ("finished", "ended"),
    [
        pytest.param("2023-11-14T22:14:55+00:00", NOW + 95, id="a-time"),
        pytest.param("", None, id="not-yet"),
        pytest.param("last week", None, id="edited"),
    ],
)
def test_what_an_environment_remembers(finished: str, ended: float | None) -> None:
    past = past_of("staging", Kept(finished))
    assert (past.environment, past.running) == ("staging", 7)
    (release,) = past.releases
    assert (release.revision, release.outcome, release.began, release.ended) == (7, Phase.SUCCEEDED, NOW, ended)


@pytest.mark.parametrize(("kept", "is_dirty"), [("c0ffee", False), ("c0ffee-dirty", True)])
def test_a_release_of_what_nobody_committed_is_remembered_as_such(kept: str, *, is_dirty: bool) -> None:
    stored = StoredRelease(replace(a_record(), commit=kept), "uid", Phase.SUCCEEDED, "", "well")
    (release,) = past_of("staging", Kept("", stored)).releases
    assert (release.commit, release.is_dirty, release.short_commit) == ("c0ffee", is_dirty, kept)


class Empty(Kept):
    """An environment into which nothing ever came."""

    def releases(self) -> tuple[StoredRelease, ...]:
        return ()


class NoHistory:
    """A repository that lacks every commit."""

    def between(self, old: str, new: str) -> tuple[Commit, ...]:
        raise NotFound(f"neither {old} nor {new}")

    def last_change(self, commit: str) -> Commit:
        raise NotFound(commit)

    def is_ancestor(self, old: str, new: str) -> bool:
        raise NotFound(f"neither {old} nor {new}")


PROMOTIONS = Promotions("shop", Kept("2023-11-14T22:13:21+00:00"), Empty(""), NoHistory(), lambda _: True)
PLANNED = Asked(is_only_planned=True)


def test_what_time_lifts_keeps_nobody_from_planning() -> None:
    rules = Rules("production", soak_seconds=3600)
    assert isinstance(PROMOTIONS.judge("staging", rules, PLANNED).refused, GateUndecided)
    with pytest.raises(GateUndecided, match="are asked for"):
        PROMOTIONS.judge("staging", rules, Asked())
    assert PROMOTIONS.judge("staging", Rules("production"), PLANNED).refused is None


def test_what_time_does_not_lift_is_not_planned() -> None:
    approval = Approval(by=("ann",), people={"ann": "ann@example.com"})
    rules = Rules("production", soak_seconds=3600, approval=approval)
    with pytest.raises(NotAllowed, match="may not promote"):
        PROMOTIONS.judge("staging", replace(rules, soak_seconds=0), Asked(approved_by="bob", is_only_planned=True))
    gone = Promotions("shop", Kept("2023-11-14T22:13:21+00:00"), Empty(""), NoHistory(), lambda _: False)
    with pytest.raises(GateUndecided, match="also: "):
        gone.judge("staging", Rules("production", soak_seconds=3600), PLANNED)
