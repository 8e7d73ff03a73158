"""Plan and apply against the strict fake Jenkins: what is made, what is named, what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from cictl.core.job_marks import owner_of
from cictl.core.job_places import PATH_MARK
from cictl.core.job_xml import parse_config
from cictl.errors import ExitCode
from tests.contract.jobs_shop import FOLDER, OWNER, PIPELINE, Shop, config
from tests.contract.jobs_tree import ALL, API, BUILD, LOCK, NAMES, actions, write_tree
from tests.files import replace_in
from tests.running import Run


def test_what_is_planned_is_made_and_then_unchanged(fresh: Shop, run: Run) -> None:
    assert actions(fresh, run) == dict.fromkeys(ALL, "create")
    assert fresh.writes() == []
    assert fresh.results(run, "apply", "--yes") == (0, ALL)
    assert owner_of(parse_config(fresh.fake.item(BUILD).xml).text_of("description")) == OWNER
    assert actions(fresh, run) == {}
    before = fresh.writes()
    assert fresh.results(run, "apply") == (0, {})
    assert fresh.writes() == before, "an unchanged job is never written"
    assert LOCK not in fresh.fake.jobs()
    assert fresh.run(run, "plan", "--detailed-exitcode").status == 0


def test_what_git_changes_is_written_alone(applied: Shop, run: Run) -> None:
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}})
    outcome = applied.run(run, "plan", "--detailed-exitcode")
    assert outcome.status == ExitCode.CHANGES_PRESENT
    assert f'triggers{PATH_MARK}cron: "H 2 * * *" → "H 4 * * *"' in outcome.stdout
    before = len(applied.writes())
    assert applied.results(run, "apply", "--yes") == (0, {BUILD: "updated"})
    written = [each for each in applied.writes()[before:] if "admin" not in each]
    assert written == [
        "/job/shop/job/ci/job/web/job/build/config.xml",
        "/job/shop/job/ci/job/web/job/build/submitDescription",
    ]
    assert "H 4 * * *" in applied.fake.item(BUILD).xml
    assert actions(applied, run) == {}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plan", "--overwrite", "shop/ci/apy"], "did you mean 'shop/ci/api'?"),
        (["apply", "--yes", "--overwrite", "shop/ci/apy"], "--overwrite shop/ci/apy matches no job"),
        (["apply", "--yes", "--enable", "shop/none/*"], "--enable shop/none/* matches no job"),
    ],
)
def test_a_name_that_nothing_bears_is_no_silent_wish(fresh: Shop, run: Run, words: list[str], said: str) -> None:
    outcome = fresh.run(run, *words)
    assert (outcome.status, fresh.jobs()) == (ExitCode.USAGE, set())
    assert said in outcome.stderr


def test_what_git_no_longer_makes_is_named_and_not_deleted(applied: Shop, run: Run) -> None:
    write_tree(applied, rest="")
    replace_in(applied.tree, API, "shop/ci/api2")
    assert actions(applied, run) == {API: "delete", "shop/ci/api2": "create"}
    assert applied.results(run, "apply", "--yes") == (0, {"shop/ci/api2": "created"})
    assert API in applied.fake.jobs()


def test_a_job_of_others_is_not_touched(fresh: Shop, run: Run) -> None:
    fresh.fake.put(API, config(PIPELINE, owner=None))
    before = fresh.fake.item(API).xml
    status, results = fresh.results(run, "apply", "--yes")
    assert (status, results) == (ExitCode.CONFLICT, ALL | {API: "conflict"})
    assert fresh.fake.item(API).xml == before


@pytest.mark.parametrize("command", ["plan", "apply", "render", "drift", "adopt", "prune"])
def test_a_name_that_matches_nothing_is_an_error(applied: Shop, run: Run, command: str) -> None:
    outcome = applied.run(run, command, "--job", "shop/ci/wbe")
    assert outcome.status == ExitCode.USAGE
    assert "--job shop/ci/wbe matches no job of this tree" in outcome.stderr
    assert "did you mean 'shop/ci/web'?" in outcome.stderr
    assert applied.run(run, command, "--job", "shop/ci/w*", "--job", "nosuch*").status == ExitCode.USAGE
    assert applied.run(run, command, "--job", "shop/ci/w*").status == ExitCode.OK


@pytest.mark.parametrize("command", ["plan", "apply", "render", "drift", "adopt"])
def test_a_tree_without_a_job_is_told(fresh: Shop, run: Run, command: str) -> None:
    empty = fresh.folder / "empty"
    empty.mkdir()
    outcome = run("jobs", command, "-r", str(empty), app=fresh.app())
    assert (outcome.status, f"{empty} makes no job or view at all" in outcome.stderr) == (ExitCode.OK, True)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("shop/ci/a*b", "unsafe character", id="refused"),
        pytest.param("shop/ci/API", "same name as", id="collides-with-another"),
        pytest.param("shop/none/x", "its folder shop/none is not in Jenkins", id="no-folder"),
    ],
)
def test_names_that_cannot_be_are_errors_of_the_plan(fresh: Shop, run: Run, name: str, words: str) -> None:
    write_tree(fresh, {name: {}})
    for command in (["plan"], ["apply", "--yes"]):
        outcome = fresh.run(run, *command)
        assert outcome.status == ExitCode.CONFIG
        assert words in outcome.stderr
        assert "jobs.yaml:" in outcome.stderr
    assert fresh.jobs() == set()


def test_a_name_that_is_there_in_other_capitals(fresh: Shop, run: Run) -> None:
    fresh.fake.put("shop/ci/API", config(PIPELINE, owner=None))
    outcome = fresh.run(run, "plan")
    assert outcome.status == ExitCode.CONFIG
    assert "'shop/ci/API', which is there" in outcome.stderr


@pytest.mark.parametrize("words", [("-o", "markdown", "jobs", "plan"), ("jobs", "apply", "-o", "markdown")])
def test_markdown_in_the_wrong_place_is_told_the_right_one(run: Run, words: tuple[str, ...]) -> None:
    outcome = run(*words)
    assert outcome.status == ExitCode.USAGE
    assert "'cictl jobs plan -o markdown'" in outcome.stderr


def test_nobody_to_ask_is_a_usage_error(fresh: Shop, run: Run) -> None:
    outcome = fresh.run(run, "apply")
    assert outcome.status == ExitCode.USAGE
    assert "--yes" in outcome.stderr
    assert fresh.writes() == []


def test_a_right_that_is_missing_is_named(applied: Shop, run: Run) -> None:
    applied.sign_in("reader")
    outcome = applied.run(run, "plan")
    assert outcome.status in {ExitCode.NOT_ALLOWED, ExitCode.CONFIG}
    assert "Traceback" not in outcome.stderr


def test_secrets_are_not_shown_and_not_kept(fresh: Shop, run: Run) -> None:
    secret = "canary-7391"
    rest = (
        "- job:\n    name: shop/ci/odd\n    project-type: pipeline\n    dsl: sh 'curl -u me:{secret} x'\n"
        "    parameters:\n      - password: {{name: API_TOKEN, default: '{secret}'}}\n"
    )
    write_tree(fresh, rest=rest.replace("{{", "{").replace("}}", "}").replace("{secret}", secret))
    out = str(fresh.folder / "plan.json")
    said = [fresh.run(run, *words) for words in (["plan", "--full", "--out", out], ["apply", "--yes"])]
    fresh.fake.put("shop/ci/odd", fresh.fake.item("shop/ci/odd").xml.replace(secret, "other-5512"))
    said += [
        fresh.run(run, "drift"),
        fresh.run(run, "plan", "--full"),
        fresh.run(run, "drift", "--accept", "shop/ci/odd"),
    ]
    told = "".join(each.stdout + each.stderr for each in said) + Path(out).read_text()
    with fresh.live() as live:
        kept = "".join(base.sent + base.saved for base in live.records.bases().values())
    assert "API_TOKEN" in kept
    assert secret not in told + kept
    assert Path(out).stat().st_mode & 0o077 == 0
    assert "other-5512" not in told


def test_a_credential_of_a_folder_is_carried_over(applied: Shop, run: Run) -> None:
    store = (
        "<com.cloudbees.hudson.plugins.folder.properties.FolderCredentialsProvider_-FolderCredentialsProperty>"
        '<domainCredentialsMap class="hudson.util.CopyOnWriteMap$Hash"/>'
        "</com.cloudbees.hudson.plugins.folder.properties.FolderCredentialsProvider_-FolderCredentialsProperty>"
    )
    xml = applied.fake.item("shop/ci/web").xml
    assert "<properties" in xml
    applied.fake.put("shop/ci/web", xml.replace("<properties/>", f"<properties>{store}</properties>"))
    replace_in(applied.tree, "The team's.", "Ours now.")
    assert applied.results(run, "apply", "--yes") == (0, {"shop/ci/web": "updated"})
    xml = applied.fake.item("shop/ci/web").xml
    assert "Ours now." in xml
    assert "FolderCredentialsProperty" in xml


def test_markdown_is_for_a_pull_request(fresh: Shop, run: Run) -> None:
    told = fresh.run(run, "plan", "-o", "markdown").stdout
    assert told.startswith("### Jobs: 5 to create")
    assert f"**create** <code>{BUILD}</code>" in told


def test_only_some_jobs(applied: Shop, run: Run) -> None:
    write_tree(applied, {name: {"cron": "H 4 * * *"} for name in NAMES})
    assert applied.results(run, "apply", "--yes", "--job", "*/web/*") == (
        0,
        {BUILD: "updated", "shop/ci/web/test": "updated"},
    )
    assert actions(applied, run) == {API: "update"}


def test_a_folder_that_is_in_the_way_of_a_job_is_said(fresh: Shop, run: Run) -> None:
    fresh.fake.put(API, config(FOLDER))
    outcome = fresh.run(run, "apply", "--yes")
    assert outcome.status == ExitCode.CONFLICT
    assert "cannot turn a" in outcome.stdout
