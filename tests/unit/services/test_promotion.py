from __future__ import annotations

from dataclasses import dataclass

import pytest

from cictl.core.rollout_state import Phase
from cictl.services.promotion import past_of
from cictl.services.release_store import StoredRelease
from tests.unit.rollout_cases import NOW, a_record


@dataclass(frozen=True)
class Kept:
    """An environment that remembers one release, which runs."""

    finished: str

    def releases(self) -> tuple[StoredRelease, ...]:
        return (StoredRelease(a_record(), "uid", Phase.SUCCEEDED, self.finished, "well"),)

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
