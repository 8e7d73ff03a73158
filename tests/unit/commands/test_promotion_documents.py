from __future__ import annotations

from dataclasses import replace

import pytest

from cictl.commands.promotion_documents import promotion_document, promotion_lines, resumption_document
from cictl.core.commits import Commit
from cictl.core.past_releases import PastRelease
from cictl.core.rollout_state import Phase, Reason
from cictl.services.promotion import Promotion
from tests.unit.core.test_plan import a_plan
from tests.unit.core.test_refusals import wanted as a_wanted

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


def test_what_runs_already_is_said_in_one_line() -> None:
    plan = a_plan(differences=(), changed=())
    said = f"{plan.record.service} runs {plan.record.image} already: nothing to change"
    assert list(promotion_lines(promotion(), plan)) == [said]
    assert promotion_document(promotion(), plan).text == said


def test_one_that_goes_on_says_what_one_that_begins_does() -> None:
    back = replace(RELEASE, revision=1, image="r/shop@sha256:1")
    commit = Commit("d" * 40, "Ann", "ann@example.com", "say two")
    found = replace(promotion(), commits=(commit,), returns_to=back, approvers=("ann", "bob"))
    wanted = a_wanted(promoted_from="staging/2", approved_by="bob")
    document = resumption_document(found, wanted)
    assert (document.kind, document.names) == ("PromotionResumption", (wanted.service,))
    assert document.data == {
        "service": wanted.service,
        "image": wanted.image,
        "empty": False,
        "underWay": True,
        "promotedFrom": "staging/2",
        "approvedBy": "bob",
        "approvers": ["ann", "bob"],
        "verdict": "healthy",
        "commit": "c" * 40,
        "commits": [{"id": "d" * 40, "author": "Ann", "email": "ann@example.com", "subject": "say two"}],
        "undoReturnsTo": {"release": 1, "image": "r/shop@sha256:1"},
    }
    plan = promotion_document(found, a_plan()).data
    assert {key for key in document.data if key not in plan} == {"underWay"}
