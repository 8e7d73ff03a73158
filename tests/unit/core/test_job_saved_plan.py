"""A saved plan: read back as it was, refused where it is none, and narrowed by what moved since."""

from __future__ import annotations

import json

import pytest

from cictl.core.job_outcome import Result
from cictl.core.job_plan import Action, ItemKey, JobPlan, Plan
from cictl.core.job_records import digest
from cictl.core.job_saved_plan import SavedPlan, Tree, appeared, narrowed, read_saved, saved_document

KEY, OTHER = ItemKey("shop/a"), ItemKey("shop/b")
XML = "<project/>"


def _plan(action: Action = Action.UPDATE, fingerprint: str | None = "f1") -> Plan:
    return Plan("shop", (JobPlan(KEY, action, fingerprint=fingerprint, xml=XML),))


def _saved(action: Action = Action.UPDATE) -> SavedPlan:
    tree = Tree("a:b", ("x",), "ini", None)
    document = saved_document(_plan(action), {KEY: XML}, tree, ("shop/*",), ("shop/a",))
    return read_saved(json.loads(json.dumps(document)))


def test_it_is_read_back_and_holds_no_document() -> None:
    saved = _saved()
    assert saved.plan.jobs[0].key == KEY
    assert saved.plan.jobs[0].xml is None
    assert saved.rendered == {KEY: digest(XML)}
    assert saved.tree == Tree("a:b", ("x",), "ini", None)
    assert saved.globs == ("shop/*",)
    assert saved.overwrite == ("shop/a",)


def test_a_plan_of_a_version_that_kept_no_overwrite_is_read() -> None:
    document = saved_document(_plan(), {KEY: XML}, Tree(), ())
    del document["overwrite"]
    assert read_saved(document).overwrite == ()


@pytest.mark.parametrize("change", [{"kind": "x"}, {"tree": None}, {"jobs": [1]}, {"globs": 3}, {"overwrite": 3}])
def test_what_is_no_plan_is_refused(change: dict[str, object]) -> None:
    document = saved_document(_plan(), {KEY: XML}, Tree(), ()) | change
    with pytest.raises(ValueError, match=r"."):
        read_saved(document)


@pytest.mark.parametrize(
    ("now", "rendered", "result"),
    [
        pytest.param(_plan(), {KEY: XML}, None, id="as-shown"),
        pytest.param(_plan(fingerprint="f2"), {KEY: XML}, Result.CONFLICT, id="jenkins-moved"),
        pytest.param(_plan(Action.CONFLICT), {KEY: XML}, Result.CONFLICT, id="it-would-be-another-action"),
        pytest.param(_plan(), {KEY: "<project><x/></project>"}, Result.CONFLICT, id="git-moved"),
        pytest.param(_plan(), {}, Result.CONFLICT, id="git-makes-it-no-more"),
        pytest.param(_plan(Action.UNCHANGED, None), {KEY: XML}, Result.UNCHANGED, id="done-already"),
    ],
)
def test_only_what_was_shown_is_applied(now: Plan, rendered: dict[ItemKey, str], result: Result | None) -> None:
    plan, outcomes = narrowed(_saved(), now, rendered)
    assert [each.result for each in outcomes] == ([result] if result else [])
    assert [each.key for each in plan.jobs] == ([] if result else [KEY])


def test_what_was_deleted_since_is_called_so() -> None:
    (outcome,) = narrowed(_saved(), _plan(Action.CREATE, None), {KEY: XML})[1]
    assert (outcome.result, outcome.detail) == (Result.CONFLICT, "it was deleted in Jenkins since the plan")


def test_what_appeared_since_is_named() -> None:
    fresh = Plan("shop", (*_plan().jobs, JobPlan(OTHER, Action.CREATE, xml=XML)))
    assert list(appeared(_saved(), fresh)) == [OTHER]
    assert narrowed(_saved(), fresh, {KEY: XML, OTHER: XML})[0].jobs == _plan().jobs
