"""`cictl jobs adopt` against the fake Jenkins: the mark and nothing else, and an honest plan afterwards."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cictl.core.job_changes import compare_configs
from cictl.core.job_marks import BUILDER_MARK, owner_of
from cictl.core.job_plan import Action, ItemKey
from cictl.core.job_xml import parse_config
from cictl.errors import ExitCode
from cictl.wiring.jobs import JobSource, rendered_jobs
from tests.contract.jobs_shop import FOLDER, FREESTYLE, OWNER, PIPELINE, VIEW, Shop, config
from tests.fake_jenkins.items import Folder
from tests.fake_jenkins.messages import Request
from tests.running import Run

_DEFINITION = (
    '<definition class="org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition"><script>build()</script>'
    "<sandbox>true</sandbox></definition><properties>"
    "<org.jenkinsci.plugins.workflow.job.properties.DisableConcurrentBuildsJobProperty/></properties>"
)
_BY_BUILDER = config(PIPELINE, owner=None, description=f"Web.{BUILDER_MARK}", rest=_DEFINITION)


def _describes(request: Request) -> bool:
    return request.path.endswith("/submitDescription")


def _owner(shop: Shop, name: str) -> str | None:
    return owner_of(parse_config(shop.fake.jobs()[name]).text_of("description"))


def _plan(shop: Shop) -> dict[str, Action]:
    """Return what `cictl jobs plan` says now."""
    source = JobSource((shop.folder / "tree",))
    with shop.live() as live:
        plan = live.planning().plan(rendered_jobs(shop.app(), source)).plan
    return {each.key.full_name: each.action for each in plan.jobs}


@pytest.mark.parametrize("store", ["2.516", "2.555"])
def test_a_job_of_job_builder_gets_our_mark_and_nothing_else(tmp_path: Path, run: Run, store: str) -> None:
    shop = Shop(tmp_path / "platform", store=store)
    shop.fake.put("shop/ci/web", _BY_BUILDER)
    before = shop.fake.jobs()["shop/ci/web"]
    assert _plan(shop)["shop/ci/web"] is Action.FOREIGN
    assert shop.results(run, "adopt", "--yes", "--job", "*/web") == (ExitCode.OK, {"shop/ci/web": "adopted"})
    after = shop.fake.jobs()["shop/ci/web"]
    assert compare_configs(before, after) == ()
    assert _owner(shop, "shop/ci/web") == OWNER
    assert "shop/ci/web" in shop.recorded()
    assert [re.sub(r".*/job/", "", each) for each in shop.writes() if "admin" not in each] == ["web/submitDescription"]
    assert _plan(shop)["shop/ci/web"] is Action.UNCHANGED
    assert shop.run(run, "adopt", "--yes", "--job", "*/web").stdout.startswith("Nothing to adopt")
    shop.close()


@pytest.mark.parametrize("lost", [False, True])
def test_who_comes_from_job_builder_needs_no_bootstrap_before(shop: Shop, run: Run, *, lost: bool) -> None:
    team = shop.fake.item("shop")
    assert isinstance(team, Folder)
    team.remove(shop.fake.item("shop/admin"))
    shop.fake.put("shop/ci/web", _BY_BUILDER)
    if lost:
        shop.fake.faults.drop_after(lambda request: request.target.endswith("createItem?name=admin"))
    assert shop.results(run, "adopt", "--yes", "--job", "*/web") == (ExitCode.OK, {"shop/ci/web": "adopted"})
    assert shop.fake.item("shop/admin").class_name.endswith("Folder")


def test_the_first_plan_tells_what_git_will_change(shop: Shop, run: Run) -> None:
    by_hand = _BY_BUILDER.replace("build()", "build(); mail()").replace(BUILDER_MARK.replace("<", "&lt;"), "")
    shop.fake.put("shop/ci/web", by_hand)
    outcome = shop.run(run, "adopt", "--dry-run", "--job", "*/web")
    assert "adopt   shop/ci/web, made by another tool or a person" in outcome.stdout
    assert '"build(); mail()" → "build()"' in outcome.stdout
    assert shop.writes() == []
    assert shop.run(run, "adopt", "--yes", "--job", "*/web").status == ExitCode.OK
    assert "mail()" in shop.fake.jobs()["shop/ci/web"], "adopting changes nothing yet"
    assert _plan(shop)["shop/ci/web"] is Action.UPDATE


def test_a_folder_keeps_what_is_in_it_through_adoption_and_apply(shop: Shop, run: Run) -> None:
    rest = (
        "<properties><com.cloudbees.hudson.plugins.folder.properties.AuthorizationMatrixProperty>"
        '<inheritanceStrategy class="org.jenkinsci.plugins.matrixauth.inheritance.InheritParentStrategy"/>'
        "<permission>USER:hudson.model.Item.Read:dev</permission>"
        "</com.cloudbees.hudson.plugins.folder.properties.AuthorizationMatrixProperty></properties>"
    )
    shop.fake.put("shop/ci", config(FOLDER, owner=None, description="By hand.", rest=rest))
    assert shop.run(run, "adopt", "--yes", "--job", "shop/ci").status == ExitCode.OK
    assert _plan(shop)["shop/ci"] is Action.UPDATE
    assert shop.run(run, "apply", "--yes", "--job", "shop/ci").status == ExitCode.OK
    there = shop.fake.jobs()["shop/ci"]
    assert "Ours." in there
    assert "hudson.model.Item.Read:dev" in there


def test_what_bootstrap_made_is_taken_without_more_ado(shop: Shop, run: Run) -> None:
    assert _owner(shop, "shop/ci") == "cictl bootstrap"
    assert shop.results(run, "adopt", "--yes", "--job", "shop/ci") == (ExitCode.OK, {"shop/ci": "adopted"})


def test_views_too(shop: Shop, run: Run) -> None:
    with shop.live() as live:
        live.items.create_view("shop/ours", config(VIEW, owner=None, description="By hand."))
        assert shop.results(run, "adopt", "--yes", "--job", "shop/ours") == (ExitCode.OK, {"shop/ours": "adopted"})
        assert owner_of(parse_config(live.items.view_xml("shop/ours") or "").text_of("description")) == OWNER


def test_what_git_does_not_make_is_left_alone(shop: Shop, run: Run) -> None:
    shop.fake.put("shop/ci/other", config(PIPELINE, owner=None))
    outcome = shop.run(run, "adopt", "--yes", "--job", "shop/ours")
    assert (outcome.status, outcome.stdout) == (
        ExitCode.OK,
        "Nothing to adopt: what Git makes is ours, or not in Jenkins yet.\n",
    )
    assert _owner(shop, "shop/ci/other") is None


def test_another_owner_s_job_is_refused_unless_told(shop: Shop, run: Run) -> None:
    shop.fake.put("shop/ci/web", config(PIPELINE, owner="another team", rest=_DEFINITION))
    outcome = shop.run(run, "adopt", "--yes", "--job", "*/web")
    assert outcome.status == ExitCode.CONFLICT
    assert "--from 'another team'" in outcome.stdout
    assert _owner(shop, "shop/ci/web") == "another team"
    status, _ = shop.results(run, "adopt", "--yes", "--job", "*/web", "--from", "another team")
    assert (status, _owner(shop, "shop/ci/web")) == (ExitCode.OK, OWNER)


def test_other_capitals_are_refused(shop: Shop, run: Run) -> None:
    shop.fake.put("shop/ci/Web", config(PIPELINE, owner=None))
    outcome = shop.run(run, "adopt", "--yes", "--job", "*/web")
    assert outcome.status == ExitCode.CONFLICT
    assert "in Jenkins it is called shop/ci/Web" in outcome.stdout


def test_another_kind_of_job_is_refused(shop: Shop, run: Run) -> None:
    shop.fake.put("shop/ci/web", config(FREESTYLE, owner=None))
    outcome = shop.run(run, "adopt", "--yes", "--job", "*/web")
    assert outcome.status == ExitCode.CONFLICT
    assert "cannot turn" in outcome.stdout


def test_off_a_terminal_it_takes_a_yes(shop: Shop, run: Run) -> None:
    shop.fake.put("shop/ci/web", _BY_BUILDER)
    outcome = shop.run(run, "adopt", "--job", "*/web")
    assert outcome.status == ExitCode.USAGE
    assert "--yes" in outcome.stderr
    assert shop.writes() == []


def test_what_moves_after_the_plan_stays(shop: Shop, run: Run) -> None:
    shop.fake.put("shop/ci/web", _BY_BUILDER)

    def edit(_: int, request: Request) -> None:
        if request.path.endswith("/createItem"):  # the lock
            shop.fake.put("shop/ci/web", _BY_BUILDER.replace("build()", "mine()"))

    shop.fake.faults.on_request = edit
    assert shop.results(run, "adopt", "--yes", "--job", "*/web") == (ExitCode.CONFLICT, {"shop/ci/web": "conflict"})
    assert _owner(shop, "shop/ci/web") is None


def test_a_lost_answer_is_looked_up(shop: Shop, run: Run) -> None:
    shop.fake.put("shop/ci/web", _BY_BUILDER)
    shop.fake.faults.drop_after(_describes)
    assert shop.results(run, "adopt", "--yes", "--job", "*/web") == (ExitCode.OK, {"shop/ci/web": "adopted"})


def test_a_lost_request_is_told(shop: Shop, run: Run) -> None:
    shop.fake.put("shop/ci/web", _BY_BUILDER)
    shop.fake.faults.drop_before(_describes)
    status, results = shop.results(run, "adopt", "--yes", "--job", "*/web")
    assert (status, results) == (ExitCode.FAR_SIDE_FAILED, {"shop/ci/web": "failed"})
    assert shop.results(run, "adopt", "--yes", "--job", "*/web")[0] == ExitCode.OK


def test_a_missing_right_is_named(shop: Shop, run: Run) -> None:
    shop.fake.put("shop/ci/web", _BY_BUILDER)
    shop.fake.controller.security.extended_read = True
    shop.fake.grant("shop", "dev", "Item.Read", "Item.ExtendedRead")
    shop.fake.grant("shop/admin", "dev", "Item.Create", "Item.Configure", "Item.Delete")
    shop.sign_in("dev")
    status, document = shop.told(run, "adopt", "--yes", "--job", "*/web")
    assert status == ExitCode.FAR_SIDE_FAILED
    assert "it needs Job/Configure" in document["jobs"][0]["detail"]


@pytest.mark.parametrize("form", [(), ("-o", "json"), ("-o", "yaml")])
def test_secrets_are_in_no_plan(shop: Shop, run: Run, form: tuple[str, ...]) -> None:
    secrets = {"canary-1", "canary-2", "canary-3"}
    rest = (
        "<authToken>canary-1</authToken><properties><hudson.model.ParametersDefinitionProperty><parameterDefinitions>"
        "<hudson.model.PasswordParameterDefinition><name>P</name><defaultValue>canary-2</defaultValue>"
        "</hudson.model.PasswordParameterDefinition></parameterDefinitions></hudson.model.ParametersDefinitionProperty>"
        '</properties><definition class="org.jenkinsci.plugins.workflow.cps.CpsScmFlowDefinition"><scm class='
        '"hudson.plugins.git.GitSCM"><userRemoteConfigs><hudson.plugins.git.UserRemoteConfig>'
        "<url>https://me:canary-3@git.example.com/a.git</url></hudson.plugins.git.UserRemoteConfig></userRemoteConfigs>"
        "</scm></definition>"
    )
    shop.fake.put("shop/ci/web", config(PIPELINE, owner=None, rest=rest))
    outcome = shop.run(run, "adopt", "--dry-run", "--job", "*/web", *form)
    assert "cps scm flow" in outcome.stdout
    assert not any(secret in outcome.stdout + outcome.stderr for secret in secrets)
    done = shop.run(run, "adopt", "--yes", "--job", "*/web", *form)
    assert done.status == ExitCode.OK
    assert not any(secret in done.stdout + done.stderr for secret in secrets)
    assert all(secret in shop.fake.jobs()["shop/ci/web"] for secret in secrets), "they stay in the job"
    with shop.live() as live:
        base = live.records.bases()[ItemKey("shop/ci/web")]
    assert not any(secret in base.sent + base.saved for secret in secrets)
