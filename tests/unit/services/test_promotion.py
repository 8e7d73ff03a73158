from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from cictl.core.rollout_state import Phase
from cictl.services.promotion import past_of
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
