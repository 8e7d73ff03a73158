"""What a plan looks at in Jenkins, and what it refuses before anything is written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cictl.core.job_marks import MARK_FORMER, MARK_LOST
from cictl.core.job_plan import Action, ItemKey, JobPlan
from cictl.core.job_prune import Found
from cictl.core.job_survey import (
    as_there,
    folders_to_list,
    foreign_plans,
    left_behind,
    missing_folders,
    refuse_homeless,
    refuse_taken,
    settled_anew,
    surveyed,
)
from cictl.core.job_three_way import Base
from cictl.core.rendered_job import RenderedJob

A, B, VIEW = ItemKey("shop/a"), ItemKey("shop/b"), ItemKey("shop/a", is_view=True)


def _create(name: str) -> JobPlan:
    return JobPlan(ItemKey(name), Action.CREATE)


def test_folders_of_what_is_wanted_and_of_what_was_written() -> None:
    assert folders_to_list([A, VIEW, ItemKey("top")], [ItemKey("old/x")]) == ("", "old", "shop")


def test_what_is_read() -> None:
    found = [Found(A), Found(B, "us"), Found(ItemKey("shop/c"), "others"), Found(ItemKey("shop/own"), "cictl")]
    survey = surveyed(found, {A}, "us", is_chosen=lambda _: True, is_own=lambda name: name == "shop/own")
    assert survey.read == (A, B)
    assert [each.key.full_name for each in survey.others] == ["shop/c"]
    assert surveyed(found, {A}, "us", is_chosen=lambda _: False, is_own=lambda _: True).read == (A,)


_WRITTEN = Base("<p/>", "<p><description>&lt;!-- cictl: owned by us --&gt;</description></p>")


@pytest.mark.parametrize(
    ("owner", "base", "reason"),
    [
        pytest.param(None, _WRITTEN, MARK_LOST, id="lost-its-mark"),
        pytest.param(None, None, None, id="never-written"),
        pytest.param(None, replace(_WRITTEN, saved=_WRITTEN.saved.replace("us", "x")), None, id="written-for-another"),
        pytest.param(None, replace(_WRITTEN, saved=_WRITTEN.saved.replace("us", "old")), MARK_LOST, id="formerly"),
        pytest.param("old", _WRITTEN, MARK_FORMER, id="bears-the-former-mark"),
        pytest.param("old", None, None, id="bears-it-and-was-never-written"),
        pytest.param("others", _WRITTEN, None, id="of-others"),
    ],
)
def test_what_may_be_ours_all_the_same(owner: str | None, base: Base | None, reason: str | None) -> None:
    notes = left_behind(Found(A, owner), base, "us", ["older", "old"])
    assert (notes[0] if notes else None) == reason


def test_what_is_foreign() -> None:
    others = [Found(A, "others"), Found(B), Found(VIEW), Found(ItemKey("far/x")), Found(ItemKey("shop/d"), "fellow")]
    plans = list(foreign_plans(others, ("shop",), ("us", "fellow")))
    assert [(each.key, each.action, *each.notes) for each in plans] == [
        (A, Action.FOREIGN, "it belongs to others"),
        (B, Action.FOREIGN, "another tool or a person made it"),
    ]


@pytest.mark.parametrize(
    ("there", "is_refused"),
    [(ItemKey("shop/A"), True), (ItemKey("shop/A", is_view=True), False), (ItemKey("other/A"), False), (A, False)],
)
def test_names_in_other_capitals(there: ItemKey, *, is_refused: bool) -> None:
    plans = list(refuse_taken([_create("shop/a")], [Found(there)]))
    assert bool(plans[0].refusal) == is_refused


def test_what_has_no_folder_is_refused() -> None:
    plans = [_create("top"), _create("shop/a"), _create("new"), _create("new/x"), _create("none/x")]
    missing = missing_folders(plans, [Found(ItemKey("shop"), is_folder=True)])
    assert missing == ("none",)
    refused = [each.key.full_name for each in refuse_homeless(plans, missing) if each.refusal]
    assert refused == ["none/x"]


def test_what_an_earlier_run_left_is_made_whole() -> None:
    plans = [JobPlan(A, Action.UNCHANGED), JobPlan(B, Action.UPDATE)]
    assert [each.renews_base for each in settled_anew(plans, {A, B})] == [True, False]
    assert [each.renews_base for each in settled_anew(plans, ())] == [False, False]


def test_a_view_is_called_as_in_its_folder() -> None:
    xml = "<hudson.model.ListView><name>shop/ours</name></hudson.model.ListView>"
    assert "<name>ours</name>" in as_there(RenderedJob("shop/ours", xml, is_view=True, source=None)).xml
    job = RenderedJob("shop/ours", xml, is_view=False, source=None)
    assert as_there(job) is job
