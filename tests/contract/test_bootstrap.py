"""`cictl bootstrap` against a strict stand-in for Jenkins: what it plans, does, waits for and shows."""

from __future__ import annotations

import secrets
from itertools import count
from pathlib import Path

import pytest
import yaml

from cictl.errors import ExitCode
from tests.contract.bootstrap_platform import (
    KUBECONFIG,
    LABEL,
    SECRETS,
    SET_UP,
    Platform,
    states,
    with_agent,
)
from tests.contract.jobs_shop import FOLDER, config
from tests.fake_jenkins import FakeJenkins
from tests.fake_jenkins.fixtures import MakeFakeJenkins
from tests.fake_jenkins.messages import Request, Response
from tests.files import replace_in
from tests.running import Run


@pytest.mark.parametrize("store", ["2.516", "2.555"])
@pytest.mark.parametrize(
    "place",
    [{}, {"prefix": "/jenkins", "root_url": "http://wrong.example:1/nowhere"}],
    ids=["top", "prefix-wrong-root"],
)
def test_a_ready_server_is_set_up_once(
    run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path, store: str, place: dict[str, str]
) -> None:
    fake = with_agent(make_fake_jenkins(store=store, **place))
    platform = Platform(tmp_path, fake.url).signed_in(fake)
    status, steps = platform.steps(run, "--yes")
    first = states(steps)
    assert first.pop("access/root URL", "") == ("unchanged" if place else "")
    assert (status, first | {"jobs/jobs and views": "changed"}) == (ExitCode.OK, SET_UP)
    written = len(fake.asked("POST"))
    status, steps = platform.steps(run, "--yes")
    assert (status, set(states(steps).values())) == (ExitCode.OK, {"unchanged"})
    status, steps = platform.steps(run, "--check")
    assert (status, set(states(steps).values())) == (ExitCode.OK, {"unchanged"})
    assert len(fake.asked("POST")) == written, "nothing is written where nothing is to be done"


def test_a_plan_writes_nothing(run: Run, ready: FakeJenkins, platform: Platform) -> None:
    status, steps = platform.steps(run, "--dry-run")
    assert (status, steps["folders/shop"]["state"]) == (ExitCode.OK, "create")
    status, steps = platform.steps(run, "--check")
    assert status == ExitCode.CHANGES_PRESENT
    assert (ready.asked("POST"), ready.jobs()) == ([], {})


@pytest.mark.parametrize("there", [(), ("shop",), ("shop", "shop/ci")], ids=["nothing", "team", "one-level"])
def test_what_the_plan_counts_is_what_is_done(
    run: Run, ready: FakeJenkins, platform: Platform, there: tuple[str, ...]
) -> None:
    for name in there:
        ready.put(name, config(FOLDER, owner="shop"))
    _, planned = platform.steps(run, "--dry-run")
    status, done = platform.steps(run, "--yes")
    before, after = (steps["jobs/jobs and views"]["detail"] for steps in (planned, done))
    created = before.removeprefix("create ").partition(",")[0]
    assert after.startswith(f"{created} created"), (before, after)
    assert status == ExitCode.OK or "not as Git says" in after


def test_what_is_refused_is_not_counted_as_to_be_made(run: Run, platform: Platform) -> None:
    jobs = platform.folder / "jobs" / "odd.yaml"
    jobs.write_text("- job: {name: 'shop/deploy/a?b', project-type: pipeline, dsl: '', sandbox: true}\n")
    _, planned = platform.steps(run, "--dry-run")
    status, done = platform.steps(run, "--yes")
    before, after = (steps["jobs/jobs and views"] for steps in (planned, done))
    count = before["detail"].removeprefix("create ").partition(",")[0]
    assert after["detail"] == f"{count} created, 0 updated; 1 are not as Git says"
    assert "a?b" in before["lines"][0]
    assert (before["state"], after["state"], status) == ("create", "refused", ExitCode.CONFLICT)


def test_it_asks_before_it_writes(run: Run, ready: FakeJenkins, platform: Platform) -> None:
    outcome = platform.bootstrap(run)
    assert (outcome.status, "--yes" in outcome.stderr) == (ExitCode.USAGE, True)
    assert "shop/ci" in outcome.stdout
    assert ready.asked("POST") == []


@pytest.mark.parametrize("folder", ["", "teams/shop"])
def test_another_folder(run: Run, ready: FakeJenkins, platform: Platform, folder: str) -> None:
    replace_in(platform.folder / "cictl.yaml", "folder: shop\n", f'folder: "{folder}"\n')
    assert platform.bootstrap(run, "--yes").status == ExitCode.OK
    prefix = f"{folder}/" if folder else ""
    assert {f"{prefix}{name}" for name in ("ci/checkout", "deploy", "admin/seed", "admin/cictl-smoke")} <= set(
        ready.jobs()
    )
    assert list(ready.secrets(folder)) == ["platform-key"]
    status, steps = platform.steps(run, "--check")
    assert (status, set(states(steps).values())) == (ExitCode.OK, {"unchanged"})


def test_a_server_that_goes_away_is_not_asked_again(run: Run, ready: FakeJenkins, platform: Platform) -> None:
    ready.faults.drop_before(lambda request: bool(request.path) and len(ready.asked("POST")) > 2, times=10_000)
    status, steps = platform.steps(run, "--yes")
    assert status in {ExitCode.UNREACHABLE, ExitCode.FAR_SIDE_FAILED}
    assert "it waits for Jenkins" in steps["triggers/notifyCommit token"]["detail"]


def test_a_starting_server_is_waited_for(run: Run, ready: FakeJenkins, platform: Platform) -> None:
    ready.process.begin_starting(3)
    outcome = platform.bootstrap(run, "--check", "--only", "access")
    assert (outcome.status, "starting" in outcome.stderr) == (ExitCode.OK, True)


@pytest.mark.parametrize("post", [1, 4, 7])
def test_a_restart_in_the_middle_is_waited_for(run: Run, ready: FakeJenkins, platform: Platform, post: int) -> None:
    posts = count(1)

    def restart(_: int, request: Request) -> None:
        if request.method == "POST" and next(posts) == post:
            ready.process.begin_starting(12)

    ready.faults.on_request = restart
    status, steps = platform.steps(run, "--yes")
    assert (status, "refused" in states(steps).values()) == (ExitCode.OK, False)
    assert ready.process.phase is None


def test_a_server_that_never_starts(run: Run, ready: FakeJenkins, platform: Platform) -> None:
    ready.process.begin_starting(10_000)
    outcome = platform.bootstrap(run, "--check", "--timeout", "20s")
    assert (outcome.status, "not ready within 20s" in outcome.stderr) == (ExitCode.TIMED_OUT, True)


def test_local_repositories_are_refused(run: Run, ready: FakeJenkins, tmp_path: Path) -> None:
    platform = Platform(tmp_path, ready.url, repo="file:///srv/git/platform.git").signed_in(ready)
    status, steps = platform.steps(run, "--yes", "--only", "folders", "--only", "jobs")
    assert (status, steps["folders/jenkins.platform.repo"]["state"]) == (ExitCode.CONFIG, "refused")
    assert steps["jobs/all"]["state"] == "refused"
    assert ready.jobs() == {}


def _posts(run: Run, make_fake_jenkins: MakeFakeJenkins, folder: Path) -> int:
    fake = with_agent(make_fake_jenkins())
    folder.mkdir()
    assert Platform(folder, fake.url).signed_in(fake).bootstrap(run, "--yes").status == ExitCode.OK
    return len(fake.asked("POST"))


@pytest.mark.parametrize("after", [True, False], ids=["after-acting", "before-acting"])
def test_lost_answers(run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path, *, after: bool) -> None:
    for number in range(1, _posts(run, make_fake_jenkins, tmp_path / "count") + 1):
        fake = with_agent(make_fake_jenkins())
        folder = tmp_path / str(number)
        folder.mkdir()
        platform = Platform(folder, fake.url).signed_in(fake)
        drop = fake.faults.drop_after if after else fake.faults.drop_before
        drop(lambda request: request.method == "POST", nth=number)
        first = platform.bootstrap(run, "--yes")
        assert first.status in {ExitCode.OK, ExitCode.UNREACHABLE, ExitCode.FAR_SIDE_FAILED}, first.stderr
        second = platform.bootstrap(run, "--yes")
        assert second.status == ExitCode.OK, (number, first.stdout, second.stdout)
        assert len(fake.jobs()) == len({name.lower() for name in fake.jobs()})
        assert {name: list(fake.secrets(name)) for name in ("shop", "shop/ci", "shop/deploy")} == {
            "shop": ["platform-key"],
            "shop/ci": ["registry"],
            "shop/deploy": ["kubeconfig"],
        }


def _all_text(folder: Path, *, without: str) -> str:
    files = [path for path in folder.rglob("*") if path.is_file() and without not in path.parts]
    return "".join(path.read_text(errors="replace") for path in files if path.name != "kubeconfig")


@pytest.mark.parametrize("broken", ["nothing", "rights", "answers", "store"])
def test_secrets_are_never_shown(run: Run, ready: FakeJenkins, tmp_path: Path, broken: str) -> None:
    user = "reader" if broken == "rights" else "admin"
    platform = Platform(tmp_path, ready.url).signed_in(ready, user)
    canaries = {name: f"canary-{secrets.token_hex(12)}&<'\"" for name in SECRETS}
    platform.environ |= canaries
    if broken == "answers":
        ready.faults.drop_after(lambda request: "createCredentials" in request.path, times=99)
    if broken == "store":
        oops = Response(500, b"<html><title>Oops</title></html>", [("Content-Type", "text/html")])
        ready.faults.answer_instead(oops, lambda request: "createCredentials" in request.path, times=99)
    said = []
    rounds: list[tuple[str, ...]] = [
        ("--dry-run",),
        ("--yes",),
        ("--yes", "-o", "json"),
        ("--yes", "--rotate", "registry"),
    ]
    for argv in (*rounds, ("--check", "-o", "yaml"), ("--emit", str(tmp_path / "image"))):
        outcome = run("-vv", "bootstrap", *argv, app=platform.app())
        assert outcome.status != ExitCode.BUG, outcome.stderr
        said.append(outcome.stdout + outcome.stderr)
    tokens = [path.read_text().strip() for path in (tmp_path / "state").rglob("*.token")]
    text = "".join(said) + _all_text(tmp_path, without="state")
    for secret in (*canaries.values(), *(value[:20] for value in canaries.values()), KUBECONFIG, ready.token, *tokens):
        assert secret not in text


def test_emitted_files_hold_references_and_no_secret(run: Run, platform: Platform, ready: FakeJenkins) -> None:
    folder = platform.folder / "image"
    outcome = platform.bootstrap(run, "--emit", str(folder))
    assert outcome.status == ExitCode.OK, outcome.stderr
    texts = {path.name: path.read_text() for path in folder.iterdir()}
    assert sorted(texts) == ["jenkins.yaml", "plugins.txt"]
    assert not any(secret in text for secret in (*SECRETS.values(), KUBECONFIG) for text in texts.values())
    assert {"configuration-as-code", "git:5.7.0"} <= set(texts["plugins.txt"].splitlines())
    document = yaml.safe_load(texts["jenkins.yaml"])
    [permanent] = [node["permanent"] for node in document["jenkins"]["nodes"]]
    assert (permanent["name"], permanent["labelString"]) == ("docker-agent", LABEL)
    assert document["unclassified"]["location"]["url"] == f"{ready.url}/"
    script = document["jobs"][0]["script"]
    assert [line for line in script.splitlines() if line.startswith("folder(")] == [
        f"folder('{name}') {{" for name in ("shop", "shop/admin", "shop/ci", "shop/deploy")
    ]
    assert "c.appendNode('password', plain('${base64:${REGISTRY_PASSWORD}}'))" in script
    assert "c.appendNode('secretBytes', '${readFileBase64:/run/secrets/kubeconfig}')" in script
    assert script.count("'includeInChangesets', [:], 'false'") == 3
    assert ready.requests == []
