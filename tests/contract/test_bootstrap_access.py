"""`cictl bootstrap` and who signs in: the first administrator, passwords, tokens, rights."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest

from cictl.errors import ExitCode
from tests.contract.bootstrap_platform import (
    INITIAL_PASSWORD,
    LEAST_RIGHTS,
    Platform,
    states,
    team_folder,
    with_agent,
)
from tests.fake_jenkins import FakeJenkins
from tests.fake_jenkins.fixtures import MakeFakeJenkins
from tests.fake_jenkins.plugin_versions import PLUGINS
from tests.fake_jenkins.server import ADMIN_PASSWORD
from tests.running import Run

_OWN = "b055-0wn-passphrase"


def _fresh(make_fake_jenkins: MakeFakeJenkins, folder: Path) -> tuple[FakeJenkins, Platform, tuple[str, ...]]:
    fake = with_agent(make_fake_jenkins())
    fake.begin_wizard(INITIAL_PASSWORD)
    fake.controller.plugins.update(PLUGINS)
    platform = Platform(folder, fake.url)
    (folder / "own-password").write_text(f"{_OWN}\n")
    own = ("--admin-user", "boss", "--admin-password-file", str(folder / "own-password"))
    return fake, platform, ("--initial-password-file", platform.password_file(INITIAL_PASSWORD), *own)


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


def test_a_fresh_server(run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path) -> None:
    fake = with_agent(make_fake_jenkins(prefix="/jenkins"))
    fake.begin_wizard(INITIAL_PASSWORD)
    fake.controller.updates.available.update(PLUGINS)
    fake.controller.updates.restarting.add("workflow-cps")
    platform = Platform(tmp_path, fake.url)
    argv = ("--initial-password-file", platform.password_file(INITIAL_PASSWORD), "--install-plugins", "--restart")
    status, steps = platform.steps(run, *argv, "--yes")
    assert status == ExitCode.OK, steps
    assert states(steps)["access/sign-in"] == "created"
    assert states(steps)["access/setup wizard"] == "changed"
    assert states(steps)["plugins/plugins"] == "changed"
    assert "--admin-user" in steps["access/setup wizard"]["next"]
    assert "redacted" not in str(steps), "nothing that is said looks like a secret"
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
    assert not any(INITIAL_PASSWORD in path.read_text() for path in kept)


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


@pytest.mark.parametrize("named", ["View/Create", "View/Read", "Job/Delete"])
def test_a_right_that_the_jobs_lack_decides_how_it_ends(
    run: Run, ready: FakeJenkins, robot: Platform, named: str
) -> None:
    lacking = f"{named.replace('Job', 'Item').replace('/', '.')}"
    ready.put("shop", team_folder("robot", tuple(each for each in LEAST_RIGHTS if not each.endswith(lacking))))
    status, steps = robot.steps(run, "--yes", "--only=folders", "--only=jobs")
    step = steps["jobs/jobs and views"]
    assert (status, step["state"], step["exitCode"]) == (ExitCode.NOT_ALLOWED, "refused", ExitCode.NOT_ALLOWED)
    assert f"grant {named} there" in step["next"]


def test_a_lock_that_stays_is_told_until_it_goes(run: Run, ready: FakeJenkins, robot: Platform) -> None:
    only = ("--only=folders", "--only=jobs")
    ready.put("shop", team_folder("robot", tuple(each for each in LEAST_RIGHTS if not each.endswith("Item.Delete"))))
    _, steps = robot.steps(run, "--yes", *only)
    assert "shop/admin/cictl-lock" in steps["jobs/jobs and views"]["lines"][-1]
    status, steps = robot.steps(run, "--check", *only)
    assert (status, steps["jobs/jobs and views"]["state"]) == (ExitCode.CHANGES_PRESENT, "change")
    assert "lock" in steps["jobs/jobs and views"]["detail"]
    status, steps = robot.steps(run, "--yes", *only)
    assert (status, "Job/Delete" in steps["jobs/jobs and views"]["next"]) == (ExitCode.NOT_ALLOWED, True)
    assert robot.signed_in(ready).steps(run, "--yes", *only)[0] == ExitCode.OK
    assert "shop/admin/cictl-lock" not in ready.jobs()


@pytest.mark.parametrize("part", ["plugins", "agent", "triggers"])
def test_what_takes_an_administrator(run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path, part: str) -> None:
    fake = make_fake_jenkins()
    platform = Platform(tmp_path, fake.url).signed_in(fake, "reader")
    _, steps = platform.steps(run, "--yes", "--only", part)
    words = " ".join(f"{step['state']} {step['detail']} {step['next']}" for step in steps.values())
    assert ("Overall/Administer" in words) or ("Agent/Create" in words)
    assert fake.controller.agents == []
