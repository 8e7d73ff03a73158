"""`cictl bootstrap` against a strict stand-in for Jenkins: fresh, ready, restarting, without rights."""

from __future__ import annotations

import secrets
import socket
import stat
from itertools import count
from pathlib import Path

import pytest
import yaml

from cictl.errors import ExitCode
from tests.contract.bootstrap_platform import (
    KUBECONFIG,
    LABEL,
    LEAST_RIGHTS,
    SECRETS,
    Platform,
    states,
    team_folder,
    with_agent,
)
from tests.fake_jenkins import FakeJenkins
from tests.fake_jenkins.builds import BuildScript
from tests.fake_jenkins.fixtures import MakeFakeJenkins
from tests.fake_jenkins.messages import Request, Response
from tests.fake_jenkins.plugin_versions import PLUGINS
from tests.fake_jenkins.server import ADMIN_PASSWORD
from tests.running import Run

_INITIAL = "b3f1initialpassword"
_FRESH = {
    "access/sign-in": "unchanged",
    "access/Overall/Administer": "unchanged",
    "plugins/plugins": "unchanged",
    "folders/shop": "created",
    "folders/shop/admin": "created",
    "folders/shop/ci": "created",
    "folders/shop/deploy": "created",
    "credentials/registry in shop/ci": "created",
    "credentials/kubeconfig in shop/deploy": "created",
    "credentials/platform-key in shop": "created",
    "agent/label docker": "unchanged",
    "jobs/jobs and views": "changed",
    "triggers/notifyCommit token": "created",
    "smoke/shop/admin/cictl-smoke": "created",
}


@pytest.fixture
def ready(make_fake_jenkins: MakeFakeJenkins) -> FakeJenkins:
    return with_agent(make_fake_jenkins())


@pytest.fixture
def platform(ready: FakeJenkins, tmp_path: Path) -> Platform:
    return Platform(tmp_path, ready.url).signed_in(ready)


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
    assert (status, first | {"jobs/jobs and views": "changed"}) == (ExitCode.OK, _FRESH)
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
        ready.put(name, "<com.cloudbees.hudson.plugins.folder.Folder/>")
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


_OWN = "b055-0wn-passphrase"


def _fresh(make_fake_jenkins: MakeFakeJenkins, folder: Path) -> tuple[FakeJenkins, Platform, tuple[str, ...]]:
    fake = with_agent(make_fake_jenkins())
    fake.begin_wizard(_INITIAL)
    fake.controller.plugins.update(PLUGINS)
    platform = Platform(folder, fake.url)
    (folder / "own-password").write_text(f"{_OWN}\n")
    own = ("--admin-user", "boss", "--admin-password-file", str(folder / "own-password"))
    return fake, platform, ("--initial-password-file", platform.password_file(_INITIAL), *own)


def test_a_fresh_server_gets_an_administrator_of_ones_own(
    run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path
) -> None:
    fake, platform, argv = _fresh(make_fake_jenkins, tmp_path)
    _, planned = platform.steps(run, *argv, "--dry-run")
    assert planned["access/first administrator"]["detail"].startswith("boss, by the password in ")
    assert "API token for boss" in planned["access/sign-in"]["detail"]
    assert fake.asked("POST") == [each for each in fake.asked("POST") if "j_spring" in each.path], "nothing is changed"
    status, steps = platform.steps(run, *argv, "--yes")
    assert (status, states(steps)["access/first administrator"]) == (ExitCode.OK, "created"), steps
    assert (sorted(fake.controller.security.users), fake.controller.wizard_on) == (["boss"], False)
    assert list(fake.tokens("boss").values()) == [f"cictl on {socket.gethostname()}"]
    status, steps = platform.steps(run, *argv, "--yes")
    assert (status, set(states(steps).values())) == (ExitCode.OK, {"unchanged"}), "the options may stay"
    assert not any(_OWN in text for text in (str(steps), str(planned)))


def test_a_token_that_jenkins_does_not_know_gives_way_to_the_administrator_who_is_asked_for(
    run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path
) -> None:
    fake, platform, argv = _fresh(make_fake_jenkins, tmp_path)
    platform.environ |= {"JENKINS_USER_ID": "boss", "JENKINS_API_TOKEN": f"11{'a' * 32}"}
    outcome = platform.bootstrap(run, *argv, "--yes", "--only", "access")
    assert (outcome.status, sorted(fake.controller.security.users)) == (ExitCode.OK, ["boss"])
    assert "Jenkins does not take the token of JENKINS_API_TOKEN: going on as --admin-user boss says" in outcome.stderr


@pytest.mark.parametrize(("name", "is_told"), [("boss", True), ("admin", False)])
def test_a_token_that_works_makes_no_administrator_and_says_so(
    run: Run, platform: Platform, tmp_path: Path, name: str, *, is_told: bool
) -> None:
    own = ("--admin-user", name, "--admin-password-file", str(tmp_path / "no-longer-there"))
    outcome = platform.bootstrap(run, *own, "--only", "access")
    told = f"no administrator {name} is made: admin signs in by the token of JENKINS_API_TOKEN"
    assert (outcome.status, told in outcome.stderr) == (ExitCode.OK, is_told)


@pytest.mark.parametrize("after", [True, False], ids=["after-acting", "before-acting"])
@pytest.mark.parametrize("page", ["createAdminUser", "addFixedToken", "configureInstance", "completeInstall"])
def test_the_making_of_the_administrator_may_break_off_anywhere(
    run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path, page: str, *, after: bool
) -> None:
    fake, platform, argv = _fresh(make_fake_jenkins, tmp_path)
    drop = fake.faults.drop_after if after else fake.faults.drop_before
    drop(lambda request: request.path.endswith(page))
    platform.bootstrap(run, *argv, "--yes", "--only", "access")
    status, _ = platform.steps(run, *argv, "--yes", "--only", "access")
    assert (status, sorted(fake.controller.security.users)) == (ExitCode.OK, ["boss"])
    assert (len(fake.tokens("boss")), fake.controller.wizard_on) == (1, False)


def test_the_wizard_alone_makes_an_administrator(run: Run, ready: FakeJenkins, tmp_path: Path) -> None:
    platform = Platform(tmp_path, ready.url)
    (tmp_path / "own-password").write_text(_OWN)
    initial = ("--initial-password-file", platform.password_file(ADMIN_PASSWORD))
    own = ("--admin-user", "boss", "--admin-password-file", str(tmp_path / "own-password"))
    _, steps = platform.steps(run, *initial, *own, "--only", "access", "--yes")
    assert "wizard is over" in steps["access/plan"]["detail"]
    assert sorted(ready.controller.security.users) == ["admin", "dev", "reader"]


def test_a_name_without_its_password_is_half_of_it(run: Run, platform: Platform) -> None:
    outcome = platform.bootstrap(run, "--admin-user", "boss")
    assert (outcome.status, "go together" in outcome.stderr) == (ExitCode.USAGE, True)


def test_a_password_that_is_not_there_is_told_by_whose_it_is(run: Run, ready: FakeJenkins, tmp_path: Path) -> None:
    empty = tmp_path / "own-password"
    empty.touch()
    outcome = Platform(tmp_path, ready.url).bootstrap(run, "--admin-user", "boss", "--admin-password-file", str(empty))
    assert outcome.status == ExitCode.NOT_FOUND
    assert f"the password in {empty} is missing" in outcome.stderr
    assert "of the administrator who is to be made" in outcome.stderr


def test_it_asks_before_it_writes(run: Run, ready: FakeJenkins, platform: Platform) -> None:
    outcome = platform.bootstrap(run)
    assert (outcome.status, "--yes" in outcome.stderr) == (ExitCode.USAGE, True)
    assert "shop/ci" in outcome.stdout
    assert ready.asked("POST") == []


def test_a_fresh_server(run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path) -> None:
    fake = with_agent(make_fake_jenkins(prefix="/jenkins"))
    fake.begin_wizard(_INITIAL)
    fake.controller.updates.available.update(PLUGINS)
    fake.controller.updates.restarting.add("workflow-cps")
    platform = Platform(tmp_path, fake.url)
    argv = ("--initial-password-file", platform.password_file(_INITIAL), "--install-plugins", "--restart")
    status, steps = platform.steps(run, *argv, "--yes")
    assert status == ExitCode.OK, steps
    assert states(steps)["access/sign-in"] == "created"
    assert states(steps)["access/setup wizard"] == "changed"
    assert states(steps)["plugins/plugins"] == "changed"
    assert "--admin-user" in steps["access/setup wizard"]["next"]
    assert not fake.controller.wizard_on
    assert (fake.controller.root_url or "").rstrip("/") == fake.url
    assert fake.process.phase is None
    status, steps = platform.steps(run)
    assert (status, set(states(steps).values())) == (ExitCode.OK, {"unchanged"}), (
        "the token is kept, the password not needed"
    )
    kept = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert kept
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
    assert not any(_INITIAL in path.read_text() for path in kept)


@pytest.mark.parametrize("folder", ["", "teams/shop"])
def test_another_folder(run: Run, ready: FakeJenkins, platform: Platform, folder: str) -> None:
    config = platform.folder / "cictl.yaml"
    config.write_text(config.read_text().replace("folder: shop\n", f'folder: "{folder}"\n', 1))
    assert platform.bootstrap(run, "--yes").status == ExitCode.OK
    prefix = f"{folder}/" if folder else ""
    assert {f"{prefix}{name}" for name in ("ci/checkout", "deploy", "admin/seed", "admin/cictl-smoke")} <= set(
        ready.jobs()
    )
    assert list(ready.secrets(folder)) == ["platform-key"]
    status, steps = platform.steps(run, "--check")
    assert (status, set(states(steps).values())) == (ExitCode.OK, {"unchanged"})


def test_a_password_becomes_a_token_once(run: Run, ready: FakeJenkins, tmp_path: Path) -> None:
    platform = Platform(tmp_path, ready.url)
    platform.environ |= {"JENKINS_USER_ID": "admin", "JENKINS_API_TOKEN": ADMIN_PASSWORD}
    assert states(platform.steps(run, "--yes", "--only", "access")[1])["access/sign-in"] == "created"
    assert states(platform.steps(run, "--yes", "--only", "access")[1])["access/sign-in"] == "unchanged"
    assert len([name for name in ready.tokens().values() if name.startswith("cictl on ")]) == 1


@pytest.mark.parametrize("wrong", [f"11{'a' * 32}", "not-the-password"])
def test_no_kept_token_stands_in_for_a_wrong_one(run: Run, ready: FakeJenkins, tmp_path: Path, wrong: str) -> None:
    platform = Platform(tmp_path, ready.url)
    platform.environ |= {"JENKINS_USER_ID": "admin", "JENKINS_API_TOKEN": ADMIN_PASSWORD}
    assert platform.bootstrap(run, "--yes", "--only", "access").status == ExitCode.OK
    platform.environ["JENKINS_API_TOKEN"] = wrong
    for words in (["--check"], ["--yes", "--only", "access"]):
        outcome = platform.bootstrap(run, *words)
        assert outcome.status == ExitCode.NOT_ALLOWED
        assert "the token of JENKINS_API_TOKEN" in outcome.stdout + outcome.stderr
        assert wrong not in outcome.stdout + outcome.stderr


def test_a_server_that_goes_away_is_not_asked_again(run: Run, ready: FakeJenkins, platform: Platform) -> None:
    ready.faults.drop_before(lambda request: bool(request.path) and len(ready.asked("POST")) > 2, times=10_000)
    status, steps = platform.steps(run, "--yes")
    assert status in {ExitCode.UNREACHABLE, ExitCode.FAR_SIDE_FAILED}
    assert "it waits for Jenkins" in steps["triggers/notifyCommit token"]["detail"]


def test_a_plugin_that_cannot_be_had_is_named_and_tried_again(
    run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path
) -> None:
    fake = make_fake_jenkins(plugins={name: version for name, version in PLUGINS.items() if name != "git"})
    fake.controller.updates.available["git"] = PLUGINS["git"]
    fake.controller.updates.failing.add("git")
    platform = Platform(tmp_path, fake.url).signed_in(fake)
    argv = ("--yes", "--install-plugins", "--only", "plugins")
    status, steps = platform.steps(run, *argv)
    assert (status, "git: failed to download" in steps["plugins/plugins"]["detail"]) == (ExitCode.FAR_SIDE_FAILED, True)
    fake.controller.updates.failing.clear()
    fake.controller.updates.jobs.clear()
    assert platform.steps(run, *argv)[0] == ExitCode.OK


def test_plugins_are_refused_without_leave(run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path) -> None:
    fake = with_agent(make_fake_jenkins(plugins={"git": "5.6.0", "cloudbees-folder": "6.1040.v8a_e6330a_54e3"}))
    platform = Platform(tmp_path, fake.url).signed_in(fake)
    status, steps = platform.steps(run, "--yes")
    refusal = steps["plugins/plugins"]
    assert (status, refusal["state"]) == (ExitCode.FAR_SIDE_FAILED, "refused")
    assert "5.6.0 of git 5.7.0" in refusal["detail"]
    assert "--install-plugins" in refusal["next"]
    assert steps["folders/all"]["detail"] == "it waits for plugins: plugins, which was refused"
    assert fake.jobs() == {}


def test_a_plugin_that_no_part_needs_stops_none(run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path) -> None:
    fake = with_agent(make_fake_jenkins(plugins={name: PLUGINS[name] for name in PLUGINS if name != "timestamper"}))
    platform = Platform(tmp_path, fake.url).signed_in(fake)
    status, steps = platform.steps(run, "--yes")
    assert (status, steps["plugins/plugins"]["detail"]) == (ExitCode.FAR_SIDE_FAILED, "missing: timestamper")
    assert {steps[f"folders/{name}"]["state"] for name in ("shop", "shop/ci")} == {"created"}
    assert steps["jobs/jobs and views"]["state"] == "created"


def test_the_update_centre_lacks_a_plugin(run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path) -> None:
    fake = make_fake_jenkins(plugins={name: version for name, version in PLUGINS.items() if name != "git"})
    fake.controller.updates.available["workflow-cps"] = "9999"
    platform = Platform(tmp_path, fake.url).signed_in(fake)
    status, steps = platform.steps(run, "--yes", "--install-plugins", "--only", "plugins")
    assert (status, "does not offer git 5.7.0" in steps["plugins/plugins"]["detail"]) == (
        ExitCode.FAR_SIDE_FAILED,
        True,
    )


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


def test_a_missing_variable_is_named(run: Run, platform: Platform) -> None:
    del platform.environ["REGISTRY_PASSWORD"]
    status, steps = platform.steps(run, "--yes")
    assert status == ExitCode.CONFIG
    refusal = steps["credentials/registry in shop/ci"]
    assert (refusal["state"], "REGISTRY_PASSWORD" in refusal["detail"]) == ("refused", True)
    assert steps["credentials/kubeconfig in shop/deploy"]["state"] == "created"


def test_a_credential_is_rotated_when_told(run: Run, ready: FakeJenkins, platform: Platform) -> None:
    platform.bootstrap(run, "--yes")
    before = ready.jobs()["shop/ci"]
    platform.environ["REGISTRY_PASSWORD"] = "another canary"
    assert states(platform.steps(run, "--yes", "--only", "credentials")[1]) == dict.fromkeys(
        [name for name in _FRESH if name.startswith("credentials/")], "unchanged"
    )
    assert ready.jobs()["shop/ci"] == before
    status, steps = platform.steps(run, "--yes", "--only", "credentials", "--rotate", "registry")
    assert (status, states(steps)["credentials/registry in shop/ci"]) == (ExitCode.OK, "changed")
    assert ready.jobs()["shop/ci"] != before
    outcome = platform.bootstrap(run, "--yes", "--rotate", "registri")
    assert (outcome.status, "registry" in outcome.stdout + outcome.stderr) != (ExitCode.OK, False)


def test_what_a_folder_holds_survives_the_library(run: Run, ready: FakeJenkins, platform: Platform) -> None:
    platform.bootstrap(run, "--yes")
    config = platform.folder / "cictl.yaml"
    config.write_text(config.read_text().replace("folder: shop\n", "folder: shop\n  library: {version: v2}\n", 1))
    status, steps = platform.steps(run, "--yes", "--only", "folders")
    assert (status, states(steps)["folders/shop/ci"]) == (ExitCode.OK, "changed")
    assert "v2" in ready.jobs()["shop/ci"]
    assert states(platform.steps(run, "--yes", "--only", "credentials")[1])["credentials/registry in shop/ci"] == (
        "unchanged"
    )


def test_an_agent_is_created_and_its_start_told(run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path) -> None:
    fake = make_fake_jenkins()
    platform = Platform(tmp_path, fake.url).signed_in(fake)
    status, steps = platform.steps(run, "--yes", "--only", "agent", "--no-controller-builds")
    assert (status, states(steps)) == (
        ExitCode.OK,
        {"agent/label docker": "created", "agent/controller": "changed"},
    )
    command = steps["agent/label docker"]["lines"][-1]
    [file] = [word.removeprefix("@") for word in command.split() if word.startswith("@")]
    secret = Path(file).read_text().strip()
    assert secret == fake.controller.agents[0].secret
    assert secret not in command
    assert fake.controller.executors == 0
    status, steps = platform.steps(run, "--yes", "--only", "agent")
    assert (status, states(steps)) == (ExitCode.FAR_SIDE_FAILED, {"agent/label docker": "refused"})
    fake.connect_agent("docker-agent")
    assert states(platform.steps(run, "--yes", "--only", "agent")[1]) == {"agent/label docker": "unchanged"}


@pytest.mark.parametrize("is_started", [True, False])
def test_an_agent_is_waited_for(
    run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path, *, is_started: bool
) -> None:
    fake = make_fake_jenkins()
    platform = Platform(tmp_path, fake.url).signed_in(fake)
    looks = count()

    def start(_: int, request: Request) -> None:
        if is_started and fake.controller.agents and request.path == "/computer/api/json" and next(looks) == 4:
            fake.connect_agent("docker-agent")

    fake.faults.on_request = start
    outcome = platform.bootstrap(run, "--yes", "--only", "agent", "--wait-for-agent", "30s")
    assert "java -jar agent.jar" in outcome.stderr
    assert ("which is online" in outcome.stdout) == is_started


def test_the_smoke_build_decides(run: Run, ready: FakeJenkins, platform: Platform) -> None:
    platform.bootstrap(run, "--yes")
    ready.script("shop/admin/cictl-smoke", BuildScript(result="FAILURE"))
    status, steps = platform.steps(run, "--yes", "--only", "smoke")
    assert (status, states(steps)) == (ExitCode.FAR_SIDE_FAILED, {"smoke/shop/admin/cictl-smoke": "refused"})
    assert platform.steps(run, "--check")[0] == ExitCode.CHANGES_PRESENT


def test_agents_of_a_cloud_suffice(run: Run, fake_jenkins: FakeJenkins, tmp_path: Path) -> None:
    fake_jenkins.controller.cloud_labels.add(LABEL)
    platform = Platform(tmp_path, fake_jenkins.url).signed_in(fake_jenkins)
    status, steps = platform.steps(run, "--yes")
    assert (status, states(steps)["agent/label docker"]) == (ExitCode.OK, "unchanged")
    assert states(steps)["smoke/shop/admin/cictl-smoke"] == "created"
    assert fake_jenkins.controller.agents == []


def test_no_agent_no_smoke(run: Run, fake_jenkins: FakeJenkins, tmp_path: Path) -> None:
    platform = Platform(tmp_path, fake_jenkins.url).signed_in(fake_jenkins)
    status, steps = platform.steps(run, "--yes")
    assert (status, "no agent" in steps["smoke/shop/admin/cictl-smoke"]["detail"]) == (ExitCode.FAR_SIDE_FAILED, True)


def test_a_strangers_smoke_job_is_left(run: Run, ready: FakeJenkins, platform: Platform) -> None:
    platform.bootstrap(run, "--yes", "--only", "folders")
    script = "<flow-definition><description>mine</description></flow-definition>"
    ready.put("shop/admin/cictl-smoke", script)
    status, steps = platform.steps(run, "--yes", "--only", "smoke")
    assert (status, states(steps)) == (ExitCode.CONFLICT, {"smoke/shop/admin/cictl-smoke": "refused"})
    assert script in ready.jobs()["shop/admin/cictl-smoke"]


def test_a_push_token_that_jenkins_forgot_is_made_anew(run: Run, ready: FakeJenkins, platform: Platform) -> None:
    _, steps = platform.steps(run, "--yes", "--only", "triggers")
    lines = steps["triggers/notifyCommit token"]["lines"]
    assert lines[:-1] == [
        f"checkout: {ready.url}/git/notifyCommit?url=https%3A%2F%2Fgit.example.com%2Fshop%2Fcheckout.git&token=TOKEN"
    ]
    [file] = (platform.folder / "state").rglob("push-*.token")
    first = file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    ready.controller.push_tokens.clear()
    _, steps = platform.steps(run, "--dry-run", "--only", "triggers")
    assert "cictl hook install" in steps["triggers/notifyCommit token"]["next"], "hooks have the old one"
    _, steps = platform.steps(run, "--yes", "--only", "triggers")
    assert states(steps) == {"triggers/notifyCommit token": "created"}
    assert file.read_text() != first


def test_nobody_signed_in(run: Run, ready: FakeJenkins, tmp_path: Path) -> None:
    outcome = Platform(tmp_path, ready.url).bootstrap(run, "--yes")
    assert (outcome.status, "--initial-password-file" in outcome.stderr) == (ExitCode.NOT_ALLOWED, True)


def test_a_reader_is_refused_by_name(run: Run, ready: FakeJenkins, tmp_path: Path) -> None:
    platform = Platform(tmp_path, ready.url).signed_in(ready, "reader")
    status, steps = platform.steps(run, "--yes")
    assert status == ExitCode.NOT_ALLOWED
    found = states(steps)
    assert found["access/Job/Create at the top"] == "refused"
    assert "Job/Create" in steps["access/Job/Create at the top"]["detail"]
    assert found["plugins/plugins"] == "unverified"
    assert found["folders/all"] == found["credentials/all"] == found["smoke/all"] == "refused"
    assert "Overall/Administer" in steps["triggers/plan"]["detail"]
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


_NO_ADMINISTRATORS = [f"--only={part}" for part in ("access", "folders", "credentials", "agent", "jobs", "smoke")]


@pytest.fixture
def robot(ready: FakeJenkins, tmp_path: Path) -> Platform:
    ready.add_user("robot", permissions=["hudson.model.Hudson.Read"])
    ready.put("shop", team_folder("robot", LEAST_RIGHTS))
    return Platform(tmp_path, ready.url).signed_in(ready, "robot")


def test_the_least_rights_suffice(run: Run, ready: FakeJenkins, robot: Platform) -> None:
    status, steps = robot.steps(run, "--yes", *_NO_ADMINISTRATORS)
    assert status == ExitCode.OK, steps
    assert "shop/admin/cictl-lock" not in ready.jobs()
    assert {name for name, state in states(steps).items() if state == "refused"} == set()
    status, steps = robot.steps(run, "--yes", *_NO_ADMINISTRATORS[:-1])
    assert (status, set(states(steps).values())) == (ExitCode.OK, {"unchanged", "unverified"})


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ("Item.Create", "Job/Create"),
        ("Item.Configure", "Job/Configure"),
        ("Item.Build", "Job/Build"),
        ("View.Create", "View/Create"),
        ("CredentialsProvider.View", "Credentials/View"),
        ("CredentialsProvider.Create", "Credentials/Create"),
    ],
)
def test_a_missing_right_is_named(run: Run, ready: FakeJenkins, robot: Platform, missing: str, named: str) -> None:
    ready.put("shop", team_folder("robot", tuple(each for each in LEAST_RIGHTS if not each.endswith(missing))))
    status, steps = robot.steps(run, "--yes", *_NO_ADMINISTRATORS)
    refusals = [
        f"{step['detail']} {step['next']} {step['lines']}" for step in steps.values() if step["state"] == "refused"
    ]
    assert status in {ExitCode.NOT_ALLOWED, ExitCode.FAR_SIDE_FAILED}
    assert named in "".join(refusals), refusals


@pytest.mark.parametrize("part", ["plugins", "agent", "triggers"])
def test_what_takes_an_administrator(run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path, part: str) -> None:
    fake = make_fake_jenkins()
    platform = Platform(tmp_path, fake.url).signed_in(fake, "reader")
    _, steps = platform.steps(run, "--yes", "--only", part)
    words = " ".join(f"{step['state']} {step['detail']} {step['next']}" for step in steps.values())
    assert ("Overall/Administer" in words) or ("Agent/Create" in words)
    assert fake.controller.agents == []


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
