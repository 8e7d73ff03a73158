"""The parts of `cictl bootstrap`: plugins, credentials, folders, agents, the push token, the smoke build."""

from __future__ import annotations

import stat
from itertools import count
from pathlib import Path

import pytest

from cictl.errors import ExitCode
from tests.contract.bootstrap_platform import (
    LABEL,
    SET_UP,
    Platform,
    states,
    with_agent,
)
from tests.fake_jenkins import FakeJenkins
from tests.fake_jenkins.builds import BuildScript
from tests.fake_jenkins.fixtures import MakeFakeJenkins
from tests.fake_jenkins.messages import Request
from tests.fake_jenkins.plugin_versions import PLUGINS
from tests.files import replace_in
from tests.running import Run


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


def test_a_jenkins_that_has_not_read_its_update_sites_is_told_to(
    run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path
) -> None:
    fake = make_fake_jenkins(plugins={name: version for name, version in PLUGINS.items() if name != "git"})
    fake.controller.updates.unread["git"] = PLUGINS["git"]
    platform = Platform(tmp_path, fake.url).signed_in(fake)
    argv = ("--install-plugins", "--only", "plugins")
    assert f"git {PLUGINS['git']}" in platform.bootstrap(run, *argv, "--dry-run").stdout
    assert fake.controller.plugins.keys() == PLUGINS.keys() - {"git"}
    status, steps = platform.steps(run, "--yes", *argv)
    assert (status, steps["plugins/plugins"]["state"]) == (ExitCode.OK, "changed")


def test_update_sites_that_do_not_answer_leave_nothing_on_offer(
    run: Run, make_fake_jenkins: MakeFakeJenkins, tmp_path: Path
) -> None:
    fake = make_fake_jenkins(plugins={name: version for name, version in PLUGINS.items() if name != "git"})
    platform = Platform(tmp_path, fake.url).signed_in(fake)
    status, steps = platform.steps(run, "--yes", "--install-plugins", "--only", "plugins")
    assert status == ExitCode.FAR_SIDE_FAILED
    assert "check the update site" in steps["plugins/plugins"]["next"]


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


def test_no_list_of_plugins_is_not_a_list_of_none(run: Run, platform: Platform) -> None:
    (platform.folder / "jobs" / "plugins.txt").unlink()
    status, steps = platform.steps(run, "--check", "--only", "plugins")
    step = steps["plugins/plugins"]
    assert (status, step["state"]) == (ExitCode.OK, "unverified")
    assert "there is no jobs/plugins.txt" in step["detail"]
    assert step["next"]


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
        [name for name in SET_UP if name.startswith("credentials/")], "unchanged"
    )
    assert ready.jobs()["shop/ci"] == before
    status, steps = platform.steps(run, "--yes", "--only", "credentials", "--rotate", "registry")
    assert (status, states(steps)["credentials/registry in shop/ci"]) == (ExitCode.OK, "changed")
    assert ready.jobs()["shop/ci"] != before
    outcome = platform.bootstrap(run, "--yes", "--rotate", "registri")
    assert (outcome.status, "registry" in outcome.stdout + outcome.stderr) == (ExitCode.USAGE, True)


@pytest.mark.parametrize(
    ("before", "after", "credential", "told"),
    [
        (
            "username: robot,",
            "username: robot2,",
            "registry in shop/ci",
            "its user is 'robot' in Jenkins, and 'robot2'",
        ),
        ("username: git,", "username: deploy,", "platform-key in shop", "its user is 'git' in Jenkins, and 'deploy'"),
        (
            "kind: username-password, username: robot,",
            "kind: secret-text,",
            "registry in shop/ci",
            "it is username-password in Jenkins, and secret-text",
        ),
        (
            "kind: file,",
            "kind: file, file_name: config,",
            "kubeconfig in shop/deploy",
            "its file is 'kubeconfig' in Jenkins, and 'config'",
        ),
    ],
)
def test_a_credential_of_another_kind_or_user_is_told_and_written_only_when_told(
    run: Run, ready: FakeJenkins, platform: Platform, before: str, after: str, credential: str, told: str
) -> None:
    only = ("--only", "folders", "--only", "credentials")
    platform.bootstrap(run, "--yes", *only)
    replace_in(platform.folder / "cictl.yaml", before, after)
    kept, name = ready.jobs(), credential.partition(" ")[0]
    for argv in (("--check",), ("--yes",)):
        status, steps = platform.steps(run, *argv, *only)
        step = steps[f"credentials/{credential}"]
        assert (status, step["state"]) == (ExitCode.CONFLICT, "refused")
        assert f"{told} in cictl.yaml" in step["detail"]
        assert f"--rotate {name}" in step["next"]
    assert ready.jobs() == kept
    status, steps = platform.steps(run, "--yes", *only, "--rotate", name)
    assert (status, steps[f"credentials/{credential}"]["state"]) == (ExitCode.OK, "changed")
    status, steps = platform.steps(run, "--check", *only)
    assert (status, set(states(steps).values())) == (ExitCode.OK, {"unchanged"})


def test_what_a_folder_holds_survives_the_library(run: Run, ready: FakeJenkins, platform: Platform) -> None:
    platform.bootstrap(run, "--yes")
    replace_in(platform.folder / "cictl.yaml", "folder: shop\n", "folder: shop\n  library: {version: v2}\n")
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
    status, steps = platform.steps(run, "--check")
    step = steps["smoke/shop/admin/cictl-smoke"]
    assert (status, step["state"]) == (ExitCode.CHANGES_PRESENT, "change")
    assert step["detail"].startswith("its last build, 2, ended as FAILURE; ")


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


def test_a_folder_in_other_capitals_is_left(run: Run, ready: FakeJenkins, platform: Platform) -> None:
    for name in ("shop", "shop/CI"):
        ready.put(name, "<com.cloudbees.hudson.plugins.folder.Folder/>")
    before = ready.jobs()["shop/CI"]
    status, steps = platform.steps(run, "--yes")
    refusal = steps["folders/shop/ci"]
    assert (status, refusal["state"], "'shop/CI'" in refusal["detail"]) == (ExitCode.CONFLICT, "refused", True)
    assert states(steps)["jobs/all"] == "refused"
    assert ready.jobs()["shop/CI"] == before


@pytest.mark.parametrize(
    ("at", "tells"),
    [
        ("commands.bootstrap.ask", "stopped: nothing was changed"),
        ("services.bootstrap.Bootstrap.apply", "run it again, and it goes on from there"),
    ],
)
def test_a_stopped_run_tells_what_became_of_it(
    run: Run, platform: Platform, monkeypatch: pytest.MonkeyPatch, at: str, tells: str
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"cictl.{at}", stopped)
    outcome = platform.bootstrap(run, "--yes", "--only", "folders")
    assert (outcome.status, tells in outcome.stderr) == (130, True)
