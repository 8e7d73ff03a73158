"""One write: what is there before, after, and when answers are lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cictl.core.job_fingerprint import fingerprint
from cictl.core.job_intents import Write
from cictl.core.job_outcome import Result
from cictl.core.job_plan import Action, ItemKey, JobPlan
from cictl.core.job_write import CannotSend
from cictl.errors import AnswerLost, FarSideFailed, NotAllowed, Unreachable
from cictl.services.jobs_write import JobWriter
from tests.unit.services.jobs_in_memory import JobsInMemory

KEY = ItemKey("a")
OLD = "<project><quietPeriod>1</quietPeriod></project>"
NEW = "<project><quietPeriod>2</quietPeriod></project>"


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


@pytest.mark.parametrize("what", ["create a", "describe a"])
def test_lost_again_and_again(what: str) -> None:
    jobs = JobsInMemory()
    _lost(jobs, what, times=99)
    assert JobWriter(jobs).write(_creation()).outcome.result is Result.FAILED


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
    assert JobWriter(jobs).write(_creation()).outcome.result is Result.CREATED, "it is there as it should be"


@pytest.mark.parametrize(
    ("error", "is_away"), [(Unreachable("gone"), True), (NotAllowed("no"), False), (FarSideFailed("500"), False)]
)
def test_what_fails_is_told(error: Exception, *, is_away: bool) -> None:
    def fail(_: str) -> None:
        raise error

    jobs = JobsInMemory()
    jobs.before = fail
    written = JobWriter(jobs).write(_creation())
    assert (written.outcome.result, written.is_jenkins_away) == (Result.FAILED, is_away)


def test_what_jenkins_cannot_keep_is_told() -> None:
    jobs = JobsInMemory()
    jobs.before = lambda asked: jobs.jobs.clear() if asked.startswith("describe") else None
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
