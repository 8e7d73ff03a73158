"""What is said of an environment in a word or two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cictl.core.past_releases import Past, PastRelease
from cictl.core.rollout_state import Phase, Reason


def release(revision: int, **changes: object) -> PastRelease:
    known = PastRelease(revision, f"r/shop@sha256:{revision}", None, Phase.SUCCEEDED, 0.0, gate="default")
    return replace(known, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("past", "verdict", "note"),
    [
        (Past("s"), "-", ""),
        (Past("s", (release(1),)), "unknown to cictl", "release 1 succeeded"),
        (Past("s", (release(1),), 1), "healthy", ""),
        (Past("s", (release(1, gate=None),), 1), "ungated", ""),
        (Past("s", (release(1, reason=Reason.GATE_INSUFFICIENT),), 1), "unproven", ""),
        (Past("s", (release(1), release(2, outcome=None)), 2), "rolling out", ""),
        (Past("s", (release(1), release(2, outcome=Phase.ROLLED_BACK)), 1), "healthy", "release 2 rolled-back"),
        (Past("s", (release(1, outcome=Phase.FAILED),), 1), "failed", ""),
    ],
)
def test_verdicts(past: Past, verdict: str, note: str) -> None:
    assert (past.verdict, past.note) == (verdict, note)
