"""What a plan's jobs come to: written, left with a reason, or nothing to say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cictl.core.job_intents import Wishes, Write, renewed_bases, write_or_reason
from cictl.core.job_marks import put_mark
from cictl.core.job_outcome import Outcome, Result
from cictl.core.job_plan import Action, ItemKey, JobPlan, plan_job
from cictl.core.job_three_way import Base

KEY = ItemKey("shop/a")
OWNER = "shop"


def _job(cron: str = "2", quiet: str = "1", rest: str = "") -> str:
    mark = put_mark("", OWNER).replace("<", "&lt;")
    return (
        f"<project><description>{mark}</description><quietPeriod>{quiet}</quietPeriod><triggers>"
        f"<hudson.triggers.TimerTrigger><spec>{cron}</spec></hudson.triggers.TimerTrigger></triggers>{rest}</project>"
    )


BASE = Base(_job(), _job())
DISABLED = "<disabled>true</disabled>"
WINS, ENABLES = Wishes(overwrites=lambda _: True), Wishes(enables=lambda _: True)


def _decided(desired: str, live: str | None, wishes: Wishes = Wishes()) -> Write | Outcome | None:  # noqa: B008 - frozen
    base = BASE if live else None
    plan = plan_job(KEY, desired=desired, base=base, live=live, owner=OWNER)
    plan = replace(plan, xml=desired if plan.xml is not None else None)
    return write_or_reason(plan, live=live, base=base, rendered=desired, owner=OWNER, wishes=wishes)


@pytest.mark.parametrize(
    ("desired", "live", "wishes", "written"),
    [
        pytest.param(_job(), None, Wishes(), ("<spec>2", ">1<"), id="created"),
        pytest.param(_job("4"), _job(), Wishes(), ("<spec>4", ">1<"), id="git-moved"),
        pytest.param(_job("4"), _job(quiet="9"), Wishes(), ("<spec>4", ">9<"), id="both-moved-apart"),
        pytest.param(_job("4"), _job(quiet="9"), WINS, ("<spec>4", ">1<"), id="git-wins"),
        pytest.param(_job(), _job("9"), WINS, ("<spec>2", ">1<"), id="drift-taken-back"),
        pytest.param(_job("4"), _job("9"), WINS, ("<spec>4", ">1<"), id="conflict-decided"),
        pytest.param(_job("4"), _job(rest=DISABLED), Wishes(), ("<spec>4", DISABLED), id="stays-disabled"),
        pytest.param(_job(), _job(rest=DISABLED), ENABLES, ("<spec>2", ">1<"), id="enabled"),
    ],
)
def test_what_is_written(desired: str, live: str | None, wishes: Wishes, written: tuple[str, ...]) -> None:
    write = _decided(desired, live, wishes)
    assert isinstance(write, Write)
    assert all(each in write.text for each in written), write.text
    assert (DISABLED in write.text) == (DISABLED in written)


@pytest.mark.parametrize(
    ("desired", "live", "result", "words"),
    [
        pytest.param(_job(), _job("9"), Result.LEFT, "--overwrite shop/a", id="drifted"),
        pytest.param(_job(), _job(rest=DISABLED), Result.LEFT, "--enable shop/a", id="disabled"),
        pytest.param(_job("4"), _job("9"), Result.CONFLICT, "--overwrite shop/a", id="conflict"),
        pytest.param(_job(), "<flow-definition/>", Result.CONFLICT, "cannot turn a", id="another-kind"),
    ],
)
def test_what_is_left_has_a_reason(desired: str, live: str, result: Result, words: str) -> None:
    outcome = _decided(desired, live)
    assert isinstance(outcome, Outcome)
    assert outcome.result is result
    assert words in outcome.detail


def test_nothing_to_say_of_what_is_unchanged() -> None:
    assert _decided(_job(), _job()) is None


def test_another_save_in_between_is_written_over_with_what_it_holds() -> None:
    write = _decided(_job("4"), _job())
    assert isinstance(write, Write)
    again = write.again(_job().replace("<project>", "<project plugin='x'>"))
    assert isinstance(again, str)
    assert "<spec>4" in again


def test_records_to_renew() -> None:
    plans = {KEY: JobPlan(KEY, Action.UNCHANGED, renews_base=True)}
    assert renewed_bases(plans, {KEY: "live"}, {KEY: "git"}) == {KEY: Base("git", "live")}
    assert renewed_bases({KEY: JobPlan(KEY, Action.UNCHANGED)}, {KEY: "live"}, {KEY: "git"}) == {}
