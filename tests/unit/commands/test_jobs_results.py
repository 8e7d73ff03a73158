from __future__ import annotations

from cictl.commands.jobs_results import results_document
from cictl.core.job_outcome import Outcome, Result
from cictl.core.job_plan import ItemKey

OUTCOMES = [
    Outcome(ItemKey("shop/ci/checkout"), Result.CREATED),
    Outcome(ItemKey("shop/all", is_view=True), Result.FAILED, "it needs View/Configure"),
]


def test_what_became_of_each() -> None:
    document = results_document("JobsRestoreResult", OUTCOMES, backup="/backups/1")
    assert (document.kind, document.columns) == ("JobsRestoreResult", ("RESULT", "NAME", "DETAIL"))
    assert list(document.rows) == [
        ("created", "shop/ci/checkout", ""),
        ("failed", "shop/all", "it needs View/Configure"),
    ]
    assert document.names == ("shop/ci/checkout", "shop/all")
    assert document.text is None
    assert document.data == {
        "backup": "/backups/1",
        "jobs": [
            {"name": "shop/ci/checkout", "isView": False, "result": "created", "detail": None},
            {"name": "shop/all", "isView": True, "result": "failed", "detail": "it needs View/Configure"},
        ],
    }


def test_nothing_to_do() -> None:
    document = results_document("JobsApply", ())
    assert (document.text, document.data) == ("nothing to do", {"jobs": []})
