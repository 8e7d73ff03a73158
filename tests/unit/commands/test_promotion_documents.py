from __future__ import annotations

from dataclasses import replace

import pytest

from cictl.commands.promotion_documents import promotion_document
from cictl.core.promotion import PastRelease
from cictl.core.rollout_state import Phase, Reason
from cictl.services.promotion import Promotion
from tests.unit.core.test_plan import a_plan

RELEASE = PastRelease(2, "r/shop@sha256:2", "c" * 40, Phase.SUCCEEDED, 40.0, 100.0, Reason.NONE, gate="default")
SINCE = "since 1970-01-01 00:01:40Z"


def promotion(**changes: object) -> Promotion:
    release = replace(RELEASE, **changes)  # type: ignore[arg-type]
    return Promotion("staging", release, commits=None, returns_to=None)


@pytest.mark.parametrize(
    ("changes", "verdict", "line"),
    [
        pytest.param({}, "healthy", f"  proven    staging release 2, healthy {SINCE}", id="judged"),
        pytest.param(
            {"gate": None}, "ungated", f"  ungated   staging release 2, there {SINCE}; no gate judged it", id="no-gate"
        ),
    ],
)
def test_what_is_known_of_the_release(changes: dict[str, object], verdict: str, line: str) -> None:
    document = promotion_document(promotion(**changes), a_plan())
    assert line in (document.text or "").splitlines()
    assert document.data["verdict"] == verdict
