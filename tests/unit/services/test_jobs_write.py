"""One write: what is there before, after, and when answers are lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cictl.core.job_fingerprint import fingerprint
from cictl.core.job_intents import Write
from cictl.core.job_outcome import Result
from cictl.core.job_plan import Action, ItemKey, JobPlan
from cictl.core.job_three_way import Base
from cictl.core.job_write import CannotSend
from cictl.errors import AnswerLost, FarSideFailed, NotAllowed, Unreachable
from cictl.services.jobs_write import JobWriter
from tests.unit.services.jobs_in_memory import JobsInMemory

KEY = ItemKey("a")
OLD = "<project><quietPeriod>1</quietPeriod></project>"
NEW = "<project><quietPeriod>2</quietPeriod></project>"
MADE_OF_NEW = "<project><quietPeriod>2</quietPeriod><color>red</color></project>"


def _creation(text: str = NEW) -> Write:
    return Write(JobPlan(KEY, Action.CREATE), text, NEW)


def _update(again: Callable[[str], str | CannotSend] = lambda _: NEW) -> Write:
    plan = JobPlan(KEY, Action.UPDATE, fingerprint=fingerprint(OLD))
    return Write(plan, NEW, NEW, live=OLD, again=again)


def _lost(jobs: JobsInMemory, what: str, *, times: int = 1) -> None:
    """Lose the request itself: it is not acted upon."""
    left = [times]

    def fail(asked: str) -> None:
        if asked == what and left[0]:
            left[0] -= 1
            raise AnswerLost("lost")

    jobs.before = fail


def test_created_and_saved_its_own_way() -> None:
    jobs = JobsInMemory()
    written = JobWriter(jobs).write(_creation())
    assert written.outcome.result is Result.CREATED
    assert jobs.asked == ["create a", "describe a", "read a"], "no more than must be"
    assert written.base is not None
    assert written.base.saved == NEW


def test_updated_after_a_fresh_look() -> None:
    jobs = JobsInMemory({"a": OLD})
    assert JobWriter(jobs).write(_update()).outcome.result is Result.UPDATED
    assert jobs.asked == ["read a", "update a", "describe a", "read a"]


@pytest.mark.parametrize(
    ("there", "result"),
    [
        pytest.param(OLD.replace("1", "7"), Result.CONFLICT, id="edited"),
        pytest.param(OLD.replace("<project>", "<project plugin='x'><actions/>"), Result.UPDATED, id="saved-again"),
        pytest.param(None, Result.CONFLICT, id="deleted"),
    ],
)
def test_what_moved_since_the_plan(there: str | None, result: Result) -> None:
    jobs = JobsInMemory({"a": there} if there else {})
    assert JobWriter(jobs).write(_update()).outcome.result is result
    assert ("update a" in jobs.asked) == (result is Result.UPDATED)


def test_what_cannot_be_sent_any_more() -> None:
    jobs = JobsInMemory({"a": OLD.replace("<project>", "<project><actions/>")})
    written = JobWriter(jobs).write(_update(lambda _: CannotSend("secrets are redacted")))
    assert written.outcome.detail == "secrets are redacted"


@pytest.mark.parametrize("what", ["create a", "describe a"])
def test_lost_before_it_was_done(what: str) -> None:
    jobs = JobsInMemory()
    _lost(jobs, what)
    assert JobWriter(jobs).write(_creation()).outcome.result is Result.CREATED
    assert jobs.jobs == {"a": NEW}


def test_lost_after_it_was_done() -> None:
    jobs = JobsInMemory()
    jobs.lost = {"create a"}
    assert JobWriter(jobs).write(_creation()).outcome.result is Result.CREATED
    assert jobs.asked.count("create a") == 1


@pytest.mark.parametrize(
    ("what", "result"),
    [
        pytest.param("create a", Result.FAILED, id="it-is-not-there"),
        pytest.param("describe a", Result.CREATED, id="it-is-there-though-nobody-saved-it-anew"),
    ],
)
def test_lost_again_and_again(what: str, result: Result) -> None:
    jobs = JobsInMemory()
    _lost(jobs, what, times=99)
    assert JobWriter(jobs).write(_creation()).outcome.result is result
    assert len([each for each in jobs.asked if each == what]) == 3


def test_an_update_that_is_lost_again_and_again() -> None:
    jobs = JobsInMemory({"a": OLD})
    _lost(jobs, "update a", times=99)
    assert JobWriter(jobs).write(_update()).outcome.result is Result.FAILED
    assert jobs.jobs == {"a": OLD}


@pytest.mark.parametrize("write", [_creation(), _update()], ids=["create", "update"])
def test_sent_and_then_nobody_to_ask(write: Write) -> None:
    jobs = JobsInMemory({"a": OLD} if write.live else {})
    jobs.lost = {"create a", "update a"}

    def fail(asked: str) -> None:
        if asked == "read a" and {"create a", "update a"} & set(jobs.asked):
            raise Unreachable("gone")

    jobs.before = fail
    outcome = JobWriter(jobs).write(write).outcome
    assert (outcome.result, outcome.is_away) == (Result.UNKNOWN, True), "it was done, and nobody heard of it"


def test_lost_while_updating() -> None:
    jobs = JobsInMemory({"a": OLD})
    jobs.lost = {"update a"}
    assert JobWriter(jobs).write(_update()).outcome.result is Result.UPDATED
    _lost(jobs, "update a", times=1)
    jobs.jobs["a"] = OLD
    assert JobWriter(jobs).write(_update()).outcome.result is Result.UPDATED
    assert jobs.jobs["a"] == NEW


def test_a_name_that_is_taken_in_the_meantime() -> None:
    jobs = JobsInMemory({"a": OLD})
    assert JobWriter(jobs).write(_creation()).outcome.result is Result.CONFLICT
    assert jobs.jobs["a"] == OLD
    jobs.jobs["a"] = NEW
    written = JobWriter(jobs).write(_creation())
    assert (written.outcome.result, written.base) == (Result.UNCHANGED, Base(NEW, NEW)), "somebody else made it so"


@pytest.mark.parametrize(
    ("there", "latest", "result"),
    [
        pytest.param(NEW, None, Result.UNCHANGED, id="as-it-was-sent"),
        pytest.param(MADE_OF_NEW, Base(NEW, MADE_OF_NEW), Result.UNCHANGED, id="as-jenkins-made-it-of-the-same"),
        pytest.param(MADE_OF_NEW, Base(OLD, MADE_OF_NEW), Result.CONFLICT, id="as-jenkins-made-it-of-another"),
        pytest.param(MADE_OF_NEW, None, Result.CONFLICT, id="nobody-knows-of-what"),
        pytest.param(NEW.replace("2", "7"), Base(NEW, NEW), Result.CONFLICT, id="edited-since"),
        pytest.param(NEW.replace("project", "other"), None, Result.CONFLICT, id="another-kind"),
    ],
)
@pytest.mark.parametrize("write", [_creation(), _update()], ids=["create", "update"])
def test_who_planned_the_same_and_was_first(write: Write, there: str, latest: Base | None, result: Result) -> None:
    jobs = JobsInMemory({"a": there})
    written = JobWriter(jobs, {KEY: latest} if latest else {}).write(write)
    assert (written.outcome.result, jobs.jobs) == (result, {"a": there})
    assert (written.base is None) == (result is Result.CONFLICT)


def test_the_same_for_another_owner_is_not_the_same() -> None:
    marked = NEW.replace("<project>", "<project><description>&lt;!-- cictl: owned by b --&gt;</description>")
    assert JobWriter(JobsInMemory({"a": marked})).write(_creation()).outcome.result is Result.CONFLICT


@pytest.mark.parametrize(
    ("error", "result", "is_away"),
    [
        (Unreachable("gone"), Result.SKIPPED, True),
        (NotAllowed("no"), Result.FAILED, False),
        (FarSideFailed("500"), Result.FAILED, False),
    ],
)
def test_what_fails_is_told(error: Exception, result: Result, *, is_away: bool) -> None:
    def fail(_: str) -> None:
        raise error

    jobs = JobsInMemory()
    jobs.before = fail
    outcome = JobWriter(jobs).write(_creation()).outcome
    assert (outcome.result, outcome.is_away) == (result, is_away)


def test_what_jenkins_cannot_keep_is_told() -> None:
    jobs = JobsInMemory()
    jobs.before = lambda asked: jobs.jobs.clear() if asked.startswith("read") else None
    assert "it is not there" in JobWriter(jobs).write(_creation()).outcome.detail


@pytest.mark.parametrize(
    "tag",
    [
        "com.cloudbees.hudson.plugins.folder.Folder",
        "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject",
    ],
)
def test_a_folder_is_not_described_which_would_describe_its_primary_view(tag: str) -> None:
    jobs = JobsInMemory()
    assert JobWriter(jobs).write(_creation(f"<{tag}/>")).outcome.result is Result.CREATED
    assert "describe a" not in jobs.asked


@pytest.mark.parametrize("page", ["<html><body>Sign in</body></html>", OLD.replace("<project>", "<flow-definition>")])
def test_a_page_in_place_of_the_job_is_no_record_of_it(page: str) -> None:
    jobs = JobsInMemory()

    def replace(asked: str) -> None:
        if asked.startswith("read"):
            jobs.jobs["a"] = page.replace("</project>", "</flow-definition>")

    jobs.before = replace
    written = JobWriter(jobs).write(_creation())
    assert (written.outcome.result, written.base) == (Result.FAILED, None)
