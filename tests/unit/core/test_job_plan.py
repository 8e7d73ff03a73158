"""Three ways: who moved what since the last write, and what is done about it."""

from __future__ import annotations

import json

import pytest

from cictl.core.job_changes import compare_configs
from cictl.core.job_marks import BUILDER_MARK, put_mark
from cictl.core.job_plan import Action, ItemKey, JobPlan, plan_all, plan_job
from cictl.core.job_plan_document import plan_document, read_plan
from cictl.core.job_three_way import Base, Side
from cictl.core.job_write import CannotSend, text_to_send
from cictl.core.job_xml import parse_config
from cictl.core.rendered_job import RenderedJob

OWNER = "platform"
KEY = ItemKey("shop/ci/checkout")
FOLDER = "com.cloudbees.hudson.plugins.folder.Folder"
MULTIBRANCH = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"


def _job(cron: str = "H 2 * * *", script: str = "build()", rest: str = "", owner: str | None = OWNER) -> str:
    description = put_mark(BUILDER_MARK, owner) if owner else BUILDER_MARK
    return (
        f"<flow-definition><description>{description.replace('<', '&lt;')}</description><properties>"
        "<org.jenkinsci.plugins.workflow.job.properties.PipelineTriggersJobProperty><triggers>"
        f"<hudson.triggers.TimerTrigger><spec>{cron}</spec></hudson.triggers.TimerTrigger></triggers>"
        "</org.jenkinsci.plugins.workflow.job.properties.PipelineTriggersJobProperty></properties>"
        f'<definition class="org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition"><script>{script}</script>'
        f"<sandbox>true</sandbox></definition>{rest}</flow-definition>"
    )


def _saved(text: str) -> str:
    """Write TEXT as Jenkins does on a save."""
    return "<?xml version='1.1' encoding='UTF-8'?>\n" + text.replace(
        "</flow-definition>", "<keepDependencies>false</keepDependencies></flow-definition>"
    ).replace("<flow-definition>", '<flow-definition plugin="workflow-job@1">')


BASE = Base(_job(), _saved(_job()))
DISABLED = "<disabled>true</disabled>"


def _plan(desired: str | None, live: str | None, base: Base | None = BASE) -> JobPlan:
    return plan_job(KEY, desired=desired, base=base, live=live, owner=OWNER)


@pytest.mark.parametrize(
    ("desired", "base", "live", "action"),
    [
        pytest.param(_job(), None, None, Action.CREATE, id="new"),
        pytest.param(_job(), BASE, None, Action.CREATE, id="deleted-in-jenkins"),
        pytest.param(_job(), BASE, BASE.saved, Action.UNCHANGED, id="nothing-moved"),
        pytest.param(_job(), BASE, _saved(_job(rest="<quietPeriod/>")), Action.UNCHANGED, id="saved-again"),
        pytest.param(_job("H 4 * * *"), BASE, BASE.saved, Action.UPDATE, id="git-moved"),
        pytest.param(_job(), BASE, _saved(_job("H 4 * * *")), Action.DRIFTED, id="jenkins-moved"),
        pytest.param(_job("H 5 * * *"), BASE, _saved(_job("H 4 * * *")), Action.CONFLICT, id="both-moved-one-field"),
        pytest.param(_job("H 5 * * *"), BASE, _saved(_job(script="x()")), Action.CONFLICT, id="both-moved-two-fields"),
        pytest.param(_job("H 5 * * *"), BASE, _saved(_job("H 5 * * *")), Action.UNCHANGED, id="both-moved-alike"),
        pytest.param(None, BASE, BASE.saved, Action.DELETE, id="no-longer-rendered"),
        pytest.param(None, None, _saved(_job()), Action.DELETE, id="no-longer-rendered-and-no-record"),
        pytest.param(None, None, _saved(_job(owner=None)), Action.FOREIGN, id="job-builders"),
        pytest.param(None, BASE, _saved(_job(owner="other")), Action.FOREIGN, id="taken-by-another"),
        pytest.param(_job(), None, _saved(_job(owner="other")), Action.FOREIGN, id="same-name-of-another"),
        pytest.param(_job(), None, _saved(_job(owner=None)), Action.FOREIGN, id="same-name-without-mark"),
        pytest.param(_job(), BASE, _saved(_job(owner=None)), Action.UNCHANGED, id="mark-lost-in-an-edit"),
        pytest.param(_job(), None, _saved(_job()), Action.UNCHANGED, id="record-lost-and-equal"),
        pytest.param(_job(), None, _saved(_job("H 4 * * *")), Action.CONFLICT, id="record-lost-and-not-equal"),
        pytest.param(_job(), BASE, _saved(_job(rest=DISABLED)), Action.DRIFTED, id="disabled-by-hand"),
        pytest.param(_job("H 4 * * *"), BASE, _saved(_job(rest=DISABLED)), Action.UPDATE, id="disabled-and-git-moved"),
        pytest.param(_job(), None, _saved(_job(rest=DISABLED)), Action.DRIFTED, id="disabled-and-no-record"),
        pytest.param(_job(), BASE, "<flow", Action.FOREIGN, id="unreadable"),
    ],
)
def test_what_is_done(desired: str | None, base: Base | None, live: str | None, action: Action) -> None:
    assert _plan(desired, live, base).action is action


def test_each_field_says_who_moved_it() -> None:
    plan = _plan(_job("H 5 * * *", "new()"), _saved(_job("H 4 * * *", rest="<quietPeriod>9</quietPeriod>")))
    assert [(each.path, each.side, each.base, each.git, each.jenkins) for each in plan.fields] == [
        (("triggers", "cron"), Side.BOTH, "H 2 * * *", "H 5 * * *", "H 4 * * *"),
        (("script",), Side.GIT, "build()", "new()", "build()"),
        (("quiet period",), Side.JENKINS, None, None, "9"),
    ]
    assert [each.path for each in plan.conflicts] == [("triggers", "cron")]


def test_an_edit_in_jenkins_beside_gits_own_survives_the_write() -> None:
    live = _saved(_job("H 4 * * *"))
    plan = _plan(_job(script="new()"), live)
    assert plan.conflicts == ()
    text = text_to_send(plan, base=BASE, live=live, owner=OWNER)
    assert isinstance(text, str)
    assert compare_configs(text, _job("H 4 * * *", "new()")) == ()


def test_a_conflict_is_written_only_over_the_other_side() -> None:
    live = _saved(_job("H 4 * * *"))
    plan = _plan(_job("H 5 * * *"), live)
    refused = text_to_send(plan, base=BASE, live=live, owner=OWNER)
    assert isinstance(refused, CannotSend)
    assert "triggers/cron" in refused.reason
    written = text_to_send(plan, base=BASE, live=live, owner=OWNER, overwrite=True)
    assert isinstance(written, str)
    assert compare_configs(written, _job("H 5 * * *")) == ()


@pytest.mark.parametrize("live", [BASE.saved, _saved(_job("H 4 * * *"))], ids=["unchanged", "drifted"])
def test_what_git_did_not_move_is_not_written(live: str) -> None:
    assert isinstance(text_to_send(_plan(_job(), live), base=BASE, live=live, owner=OWNER), CannotSend)


def test_what_is_sent_bears_the_mark_once() -> None:
    text = text_to_send(_plan(_job(owner=None), None, None), base=None, live=None, owner=OWNER)
    assert isinstance(text, str)
    assert parse_config(text).text_of("description") == put_mark(BUILDER_MARK, OWNER)


@pytest.mark.parametrize("enable", [False, True])
def test_a_job_disabled_by_hand_stays_so_until_told_otherwise(*, enable: bool) -> None:
    live = _saved(_job(rest=DISABLED))
    plan = _plan(_job("H 4 * * *"), live)
    assert plan.is_disabled_by_hand
    assert "stays disabled" in " ".join(plan.notes)
    text = text_to_send(plan, base=BASE, live=live, owner=OWNER, enable=enable)
    assert isinstance(text, str)
    assert ("<disabled>true</disabled>" in text) is not enable


def test_a_lost_record_is_written_anew_where_nothing_differs() -> None:
    assert _plan(_job(), _saved(_job()), None).renews_base
    assert _plan(_job("H 5 * * *"), _saved(_job("H 5 * * *"))).renews_base
    assert not _plan(_job(), BASE.saved).renews_base


def test_a_job_cannot_become_another_kind() -> None:
    plan = _plan("<project/>", BASE.saved)
    assert "cannot turn a" in (plan.refusal or "")
    assert isinstance(text_to_send(plan, base=BASE, live=BASE.saved, owner=OWNER, overwrite=True), CannotSend)


def test_the_plan_says_what_a_write_entails() -> None:
    multibranch = f"<{MULTIBRANCH}><description/></{MULTIBRANCH}>"
    assert _plan(multibranch, None, None).entails == ("will scan the repository",)
    renamed = multibranch.replace("<description/>", "<displayName>a</displayName>")
    assert _plan(renamed, multibranch, Base(multibranch, multibranch)).entails == ("will rescan the repository",)
    assert _plan(_job("H 4 * * *"), BASE.saved).entails == ("builds start by themselves: cron H 4 * * *",)
    assert _plan(_job(script="x()"), BASE.saved).entails == ()
    assert _plan(None, BASE.saved).entails == ("deletes its builds",)


def test_a_folder_carries_over_what_others_put_there_and_that_is_no_drift() -> None:
    sent = f"<{FOLDER}><description>a</description><properties/></{FOLDER}>"
    theirs = "<l.FolderLibraries><libraries><l.L><name>x</name></l.L></libraries></l.FolderLibraries>"
    live = sent.replace("<properties/>", f"<properties>{theirs}</properties>")
    base = Base(sent, sent)
    assert _plan(sent, live, base).action is Action.UNCHANGED
    plan = _plan(sent.replace(">a<", ">b<"), live, base)
    assert (plan.action, plan.entails) == (Action.UPDATE, ("carries over libraries",))
    text = text_to_send(plan, base=base, live=live, owner=OWNER)
    assert isinstance(text, str)
    assert "<name>x</name>" in text


def test_redacted_secrets_refuse_the_write() -> None:
    sent = f"<{FOLDER}><description>a</description></{FOLDER}>"
    live = sent.replace("</d", "</d").replace(
        f"</{FOLDER}>", f"<properties><c.C><id>i</id><p>********</p></c.C></properties></{FOLDER}>"
    )
    plan = _plan(sent.replace(">a<", ">b<"), live, Base(sent, sent))
    assert "redacted" in (plan.refusal or "")
    assert isinstance(text_to_send(plan, base=None, live=live, owner=OWNER), CannotSend)


def test_everything_is_planned_folders_first_and_deletions_last() -> None:
    jobs = [RenderedJob(name, _job(), is_view, None) for name, is_view in [("a/x", False), ("b", False), ("a/x", True)]]
    live = {ItemKey("z/y"): _saved(_job()), ItemKey("z"): _saved(_job()), ItemKey("b"): _saved(_job(owner="other"))}
    plan = plan_all(jobs, {}, live, owner=OWNER)
    assert [(each.key.full_name, each.key.is_view, each.action.value) for each in plan.jobs] == [
        ("b", False, "foreign"),
        ("a/x", False, "create"),
        ("a/x", True, "create"),
        ("z/y", False, "delete"),
        ("z", False, "delete"),
    ]
    assert plan.count(Action.CREATE) == 2


@pytest.mark.parametrize("name", ["a*b", "x/..", "Shop/a"])
def test_names_that_jenkins_refuses_are_refused_in_the_plan(name: str) -> None:
    plan = plan_all([RenderedJob(name, _job(), False, None)], {}, {ItemKey("shop/a"): _saved(_job())}, owner=OWNER)  # noqa: FBT003
    assert next(each for each in plan.jobs if each.key.full_name == name).refusal


def test_a_plan_survives_being_saved() -> None:
    jobs = [RenderedJob("a", _job("H 9 * * *"), False, None), RenderedJob("new", _job(), True, None)]  # noqa: FBT003
    live = {ItemKey("a"): _saved(_job("H 4 * * *")), ItemKey("old"): _saved(_job())}
    plan = plan_all(jobs, {ItemKey("a"): BASE}, live, owner=OWNER)
    assert read_plan(json.loads(json.dumps(plan_document(plan)))) == plan


HEAD = {"apiVersion": "cictl.dev/v1", "kind": "JobsPlan"}


@pytest.mark.parametrize(
    "document",
    [None, [], {}, HEAD, {**HEAD, "owner": "a", "jobs": [{}]}, {**HEAD, "owner": 1, "jobs": []}],
)
def test_what_is_no_plan_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match="it "):
        read_plan(document)
