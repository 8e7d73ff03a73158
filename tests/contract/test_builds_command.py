"""`cictl build` and `cictl open` against a stand-in for Jenkins, in both ways of keeping jobs and under a prefix."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest

from cictl.clock import SystemClock
from cictl.errors import ExitCode
from cictl.wiring.app import App
from tests.fake_jenkins.builds import BuildScript, Input, by_user
from tests.fake_jenkins.fixtures import MakeFakeJenkins
from tests.fake_jenkins.server import FakeJenkins
from tests.running import FakeClock, Outcome, Run

_FOLDER = "<com.cloudbees.hudson.plugins.folder.Folder/>"
_PIPELINE = """\
<flow-definition>
  <properties>
    <hudson.model.ParametersDefinitionProperty>
      <parameterDefinitions>
        <hudson.model.StringParameterDefinition><name>VERSION</name><defaultValue>1</defaultValue></hudson.model.StringParameterDefinition>
        <hudson.model.BooleanParameterDefinition><name>FORCE</name><defaultValue>false</defaultValue></hudson.model.BooleanParameterDefinition>
        <hudson.model.ChoiceParameterDefinition><name>TO</name><choices class="java.util.Arrays$ArrayList"><a class="string-array"><string>staging</string><string>production</string></a></choices></hudson.model.ChoiceParameterDefinition>
        <hudson.model.PasswordParameterDefinition><name>KEY</name><defaultValue>none</defaultValue></hudson.model.PasswordParameterDefinition>
      </parameterDefinitions>
    </hudson.model.ParametersDefinitionProperty>
  </properties>
  <disabled>false</disabled>
</flow-definition>"""  # noqa: E501 - as Jenkins has it
_PLAIN = "<flow-definition><disabled>false</disabled></flow-definition>"
_REPO = "https://git.example.com/shop/checkout.git"
_MULTIBRANCH = f"""\
<org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject>
  <sources class="jenkins.branch.MultiBranchProject$BranchSourceList"><data><jenkins.branch.BranchSource>
    <source class="jenkins.plugins.git.GitSCMSource"><id>app</id><remote>{_REPO}</remote></source>
  </jenkins.branch.BranchSource></data></sources>
</org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject>"""
_CONFIG = f"""\
version: 1
jenkins: {{url: "http://127.0.0.1:1", folder: shop}}
services:
  checkout: {{path: checkout, repo: "{_REPO}"}}
  cart: {{path: cart}}
"""
_BRANCH = "shop/ci/checkout/main"
_DEPLOY = "shop/deploy"


class QuickClock(SystemClock):
    """The machine's clock, for a server that is away for a while of real time; nobody sleeps long."""

    def sleep(self, seconds: float) -> None:
        super().sleep(min(seconds, 0.02))


Cictl = Callable[..., Outcome]


@pytest.fixture(
    params=[
        pytest.param({}, id="as-sent"),
        pytest.param({"store": "2.555", "prefix": "/jenkins", "root_url": "http://wrong.example/"}, id="re-saved"),
    ]
)
def jenkins(request: pytest.FixtureRequest, make_fake_jenkins: MakeFakeJenkins) -> FakeJenkins:
    return prepared(make_fake_jenkins(**request.param))


@pytest.fixture
def one_jenkins(make_fake_jenkins: MakeFakeJenkins) -> FakeJenkins:
    return prepared(make_fake_jenkins())


def prepared(fake: FakeJenkins) -> FakeJenkins:
    fake.push(_REPO, "main")
    fake.push(_REPO, "feature/x")
    fake.put("shop", _FOLDER)
    fake.put("shop/ci", _FOLDER)
    fake.put("shop/ci/checkout", _MULTIBRANCH)
    fake.put(_DEPLOY, _PIPELINE)
    fake.put("shop/plain", _PLAIN)
    return fake


def app_of(fake: FakeJenkins, folder: Path, user: str = "admin", **more: str) -> App:
    (folder / "cictl.yaml").write_text(_CONFIG)
    token = fake.token if user == "admin" else fake.add_token(user).value
    environ = {"JENKINS_URL": fake.url, "JENKINS_USER_ID": user, "JENKINS_API_TOKEN": token, **more}
    return App(directory=folder, environ=environ, clock=FakeClock())


@pytest.fixture
def cictl(run: Run, jenkins: FakeJenkins, tmp_path: Path) -> Cictl:
    return lambda *words, **more: run(*words, app=app_of(jenkins, tmp_path, **more))


@pytest.fixture
def cictl_one(run: Run, one_jenkins: FakeJenkins, tmp_path: Path) -> Cictl:
    return lambda *words, **more: run(*words, app=app_of(one_jenkins, tmp_path, **more))


def data(outcome: Outcome) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(outcome.stdout)
    return found


def started(fake: FakeJenkins, full_name: str) -> int:
    return len(fake.job(full_name).builds)


# -- start


def test_a_service_is_built_and_its_log_shown(cictl: Cictl, jenkins: FakeJenkins) -> None:
    note = "\x1b[8mha:////4F3QIZQZggw70InDOdwI/3yM=\x1b[0m"
    jenkins.script(
        _BRANCH, BuildScript([f"{note}[Pipeline] Start\n\nhel", "lo\n", "\x1b]0;title\x07caf\u00e9\n"], queue_looks=2)
    )
    before = started(jenkins, _BRANCH)
    done = cictl("build", "start", "checkout", "--follow")
    assert (done.status, started(jenkins, _BRANCH)) == (ExitCode.OK, before + 1), done.stderr
    assert done.stdout == "Started by user admin\n[Pipeline] Start\n\nhello\ncaf\u00e9\nFinished: SUCCESS\n"
    assert "waiting in the queue: Waiting for next available executor" in done.stderr
    assert f"{_BRANCH} #{before + 1} ended as SUCCESS" in done.stderr


def test_capitals_do_not_matter_to_jenkins(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    one_jenkins.faults.drop_after(_is_start)
    done = cictl_one("build", "start", "--job", "Shop/PLAIN", "-o", "name")
    assert (done.status, done.stdout) == (ExitCode.OK, "build/shop/plain/1\n"), done.stderr
    listed = data(cictl_one("build", "list", "--job", "shop/CI/checkout", "-o", "json"))["items"]
    assert {each["branch"] for each in listed} == {"main", "feature/x"}


def test_a_branch_with_a_slash(cictl: Cictl, jenkins: FakeJenkins) -> None:
    done = cictl("build", "start", "checkout", "--branch", "feature/x", "--follow", "-o", "json")
    assert (done.status, data(done)["branch"], data(done)["result"]) == (ExitCode.OK, "feature/x", "SUCCESS")
    assert data(done)["job"] == "shop/ci/checkout/feature%2Fx"
    assert "Finished: SUCCESS" in done.stderr
    assert any("feature%252Fx" in each.path for each in jenkins.asked("POST"))


def test_without_follow_it_waits_until_the_build_runs(cictl: Cictl, jenkins: FakeJenkins) -> None:
    jenkins.script(_BRANCH, BuildScript(is_manual=True, queue_looks=3))
    done = cictl("build", "start", "checkout", "-o", "json")
    assert (done.status, data(done)["isBuilding"], data(done)["causes"]) == (0, True, ["Started by user admin"])


def test_parameters_reach_the_build(cictl: Cictl, jenkins: FakeJenkins, tmp_path: Path) -> None:
    (tmp_path / "version").write_text("2.0 \u20ac & more\n")
    done = cictl(
        *("build", "start", "--job", _DEPLOY, "-p", "TO=production", "-p", "FORCE=yes", "--follow", "-o", "json"),
        *("--param-from", f"VERSION=file:{tmp_path / 'version'}", "--param-from", "KEY=env:MY_KEY"),
        MY_KEY="canary-secret",
    )
    assert done.status == ExitCode.OK, done.stderr
    values = {dict(each.values)["name"]: dict(each.values).get("value") for each in jenkins.build(_DEPLOY).parameters}
    assert values == {"VERSION": "2.0 \u20ac & more", "FORCE": True, "TO": "production", "KEY": "canary-secret"}
    assert "canary-secret" not in done.stdout + done.stderr


@pytest.mark.parametrize("fault", ["none", "lost", "echoed", "refused"])
def test_secrets_are_shown_nowhere(cictl_one: Cictl, one_jenkins: FakeJenkins, tmp_path: Path, fault: str) -> None:
    canaries = [token_hex(8), token_hex(8)]
    (tmp_path / "key").write_text(f"{canaries[0]}\n")
    echo = f"+ deploy --key {canaries[0]}\nurl=https://u:{canaries[1]}@h/\n" if fault == "echoed" else "x\n"
    one_jenkins.script(_DEPLOY, BuildScript([echo], "FAILURE"))
    if fault == "lost":
        one_jenkins.faults.drop_after(_is_start)
    more = ("-p", "TO=moon") if fault == "refused" else ("--param-from", "VERSION=env:V")
    words = ("--job", _DEPLOY, "--follow", "--param-from", f"KEY=file:{tmp_path / 'key'}", *more)
    done = cictl_one("-vv", "build", "start", *words, V=canaries[1])
    assert done.status == (ExitCode.USAGE if fault == "refused" else ExitCode.FAR_SIDE_FAILED), done.stderr
    assert [each for each in canaries if each in done.stdout + done.stderr] == []


_REFUSED = [
    pytest.param(("-p", "TO=moon"), "TO of shop/deploy cannot be 'moon'", id="choice"),
    pytest.param(("-p", "T=staging"), "asks for no parameter 'T'", id="unknown"),
    pytest.param(("-p", "FORCE=maybe"), "is true or false", id="boolean"),
    pytest.param(("-p", "KEY=secret-canary"), "is a password", id="password"),
    pytest.param(("-p", "VERSION"), "takes NAME=VALUE", id="no-value"),
    pytest.param(("-p", "TO=staging", "--param-from", "TO=env:HOME"), "stands in -p and", id="twice"),
    pytest.param(("--param-from", "TO=staging"), "does not say where", id="no-place"),
    pytest.param(("--branch", "main"), "has no branches", id="branch-of-a-plain-job"),
]


@pytest.mark.parametrize(("words", "said"), _REFUSED)
def test_what_cannot_be_is_refused_before_jenkins_is_asked(
    cictl_one: Cictl, one_jenkins: FakeJenkins, words: tuple[str, ...], said: str
) -> None:
    done = cictl_one("build", "start", "--job", _DEPLOY, *words, HOME="/h")
    assert (done.status, said in done.stderr, one_jenkins.asked("POST")) == (ExitCode.USAGE, True, []), done.stderr
    assert "secret-canary" not in done.stderr


_RESULTS = [
    pytest.param("FAILURE", (), ExitCode.FAR_SIDE_FAILED, id="failure"),
    pytest.param("ABORTED", (), ExitCode.FAR_SIDE_FAILED, id="aborted"),
    pytest.param("UNSTABLE", (), ExitCode.FAR_SIDE_FAILED, id="unstable"),
    pytest.param("UNSTABLE", ("--allow-unstable",), ExitCode.OK, id="unstable-is-fine"),
    pytest.param("FAILURE", ("--allow-unstable",), ExitCode.FAR_SIDE_FAILED, id="failure-is-not-unstable"),
]


@pytest.mark.parametrize(("result", "words", "status"), _RESULTS)
def test_the_result_decides(
    cictl_one: Cictl, one_jenkins: FakeJenkins, result: str, words: tuple[str, ...], status: ExitCode
) -> None:
    one_jenkins.script("shop/plain", BuildScript(["x\n"], result))
    done = cictl_one("build", "start", "--job", "shop/plain", "--follow", *words)
    assert done.status == status
    assert f"shop/plain #1 ended as {result}" in done.stderr
    shown = cictl_one("build", "log", "--job", "shop/plain", "--follow", *words)
    assert (shown.status, f"Finished: {result}" in shown.stdout) == (status, True)


def test_a_deadline_in_the_queue_and_one_while_it_runs(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    one_jenkins.script("shop/plain", BuildScript(queue_looks=1000), BuildScript(["x\n"], is_manual=True))
    waits = cictl_one("build", "start", "--job", "shop/plain", "--timeout", "5s")
    assert (waits.status, "still waits in the queue" in waits.stderr) == (ExitCode.TIMED_OUT, True)
    assert "cictl build stop --job shop/plain --queued 3" in waits.stderr
    gone = cictl_one("build", "stop", "--job", "shop/plain", "--queued", "3")
    assert (gone.status, one_jenkins.controller.queue.items[3].cancelled) == (ExitCode.OK, True)
    runs = cictl_one("build", "start", "--job", "shop/plain", "--timeout", "5s", "--follow")
    assert (runs.status, "has not ended yet" in runs.stderr) == (ExitCode.TIMED_OUT, True)
    assert one_jenkins.build("shop/plain").building


def test_one_that_is_cancelled_in_the_queue(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    one_jenkins.script("shop/plain", BuildScript(queue_looks=1000))

    def cancel(_: int, request: Any) -> None:  # noqa: ANN401 - the fake's
        if "/queue/item/" in request.target:
            one_jenkins.controller.queue.items[3].cancelled = True

    one_jenkins.faults.on_request = cancel
    done = cictl_one("build", "start", "--job", "shop/plain")
    assert (done.status, "was cancelled in the queue" in done.stderr) == (ExitCode.FAR_SIDE_FAILED, True)


def test_a_queue_item_that_jenkins_forgot_is_found_by_its_build(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    def forget(_: int, request: Any) -> None:  # noqa: ANN401 - as above
        if "/queue/item/" in request.target:
            one_jenkins.controller.queue.items.clear()

    one_jenkins.faults.on_request = forget
    done = cictl_one("build", "start", "--job", "shop/plain", "-o", "name")
    assert (done.status, done.stdout) == (ExitCode.OK, "build/shop/plain/1\n")
    one_jenkins.script("shop/plain", BuildScript(queue_looks=1000))
    gone = cictl_one("build", "start", "--job", "shop/plain")
    assert (gone.status, "knows nothing of queue item" in gone.stderr) == (ExitCode.NOT_FOUND, True)


# -- what can go wrong on the way


def _is_start(request: Any) -> bool:  # noqa: ANN401 - the fake's
    return request.method == "POST" and "/build" in request.target


@pytest.mark.parametrize("looks", [0, 3])
def test_a_start_whose_answer_is_lost_is_found_and_not_repeated(
    cictl_one: Cictl, one_jenkins: FakeJenkins, looks: int
) -> None:
    cictl_one("build", "start", "--job", _DEPLOY, "-p", "VERSION=7", "--follow")
    one_jenkins.script(_DEPLOY, BuildScript(queue_looks=looks))
    one_jenkins.faults.drop_after(_is_start)
    done = cictl_one("build", "start", "--job", _DEPLOY, "-p", "VERSION=7", "--follow")
    assert (done.status, started(one_jenkins, _DEPLOY)) == (ExitCode.OK, 2), done.stderr
    assert "shop/deploy #2 ended as SUCCESS" in done.stderr


def test_a_start_that_never_arrived_is_said_and_not_repeated(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    cictl_one("build", "start", "--job", _DEPLOY, "-p", "VERSION=7", "--follow")
    one_jenkins.faults.drop_before(_is_start)
    done = cictl_one("build", "start", "--job", _DEPLOY, "-p", "VERSION=7")
    assert (done.status, "was not started" in done.stderr) == (ExitCode.UNREACHABLE, True)
    assert (started(one_jenkins, _DEPLOY), len(one_jenkins.asked("POST"))) == (1, 2)


def test_others_builds_are_not_taken_for_ones_own(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    one_jenkins.add_user("other", permissions=["hudson.model.Hudson.Administer"])
    one_jenkins.faults.drop_before(_is_start)
    seen: list[int] = []

    def other_starts(_: int, request: Any) -> None:  # noqa: ANN401 - as above
        if _is_start(request) and not seen:
            seen.append(1)
            job = one_jenkins.job(_DEPLOY)
            one_jenkins.controller.queue.add(job, by_user("other"), [], BuildScript())

    one_jenkins.faults.on_request = other_starts
    done = cictl_one("build", "start", "--job", _DEPLOY)
    assert (done.status, "was not started" in done.stderr) == (ExitCode.UNREACHABLE, True)
    assert started(one_jenkins, _DEPLOY) == 1


def test_a_log_goes_on_after_lost_connections(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    one_jenkins.script("shop/plain", BuildScript([f"line {number}\n" for number in range(20)]))
    one_jenkins.faults.drop_before(lambda request: "progressiveText" in request.target, nth=3, times=2)
    one_jenkins.faults.drop_after(lambda request: "progressiveText" in request.target, nth=8, times=2)
    done = cictl_one("build", "start", "--job", "shop/plain", "--follow")
    assert done.status == ExitCode.OK
    lines = done.stdout.splitlines()
    assert lines == ["Started by user admin", *(f"line {number}" for number in range(20)), "Finished: SUCCESS"]
    assert "Jenkins answers again" in done.stderr


def test_a_restart_in_the_middle(run: Run, one_jenkins: FakeJenkins, tmp_path: Path) -> None:
    one_jenkins.script("shop/plain", BuildScript([f"line {number}\n" for number in range(6)]))
    restarted: list[int] = []

    def restart(_: int, request: Any) -> None:  # noqa: ANN401 - as above
        if "progressiveText?start=4" in request.target and not restarted:
            restarted.append(1)
            one_jenkins.process.begin_restart()

    one_jenkins.faults.on_request = restart
    app = app_of(one_jenkins, tmp_path)
    app.clock = QuickClock()
    done = run("build", "start", "--job", "shop/plain", "--follow", app=app)
    assert (done.status, restarted) == (ExitCode.OK, [1]), done.stderr
    lines = done.stdout.splitlines()
    assert lines == ["Started by user admin", *(f"line {number}" for number in range(6)), "Finished: SUCCESS"]
    assert "starting or restarting; what was started there goes on" in done.stderr


# -- jobs that cannot be built

_NOT_BUILT = [
    pytest.param(("--job", "shop/gone"), ExitCode.NOT_FOUND, "no job shop/gone", id="none"),
    pytest.param(("checkout", "--branch", "featur/x"), ExitCode.NOT_FOUND, "did you mean 'feature/x'?", id="branch"),
    pytest.param(("checkout", "--branch", "new"), ExitCode.NOT_FOUND, "cictl build scan checkout", id="unscanned"),
    pytest.param(("--job", "shop"), ExitCode.USAGE, "is a folder", id="folder"),
    pytest.param(("--job", "/"), ExitCode.USAGE, "is no job's full name", id="root"),
    pytest.param(("--job", "shop/../x"), ExitCode.USAGE, "is no job's full name", id="dots"),
    pytest.param(("checkout", "--branch", ""), ExitCode.NOT_FOUND, "knows no branch ''", id="no-branch"),
    pytest.param(("cart",), ExitCode.CONFIG, "has no repository", id="no-repository"),
    pytest.param(("chekout",), ExitCode.NOT_FOUND, "checkout", id="no-service"),
    pytest.param((), ExitCode.USAGE, "name a service", id="nothing"),
    pytest.param(("checkout", "--job", "shop"), ExitCode.USAGE, "one of both", id="both"),
    pytest.param(("--job", "shop/off"), ExitCode.CONFLICT, "is disabled", id="disabled"),
]


@pytest.mark.parametrize(("words", "status", "said"), _NOT_BUILT)
def test_what_is_not_built_says_why(
    cictl_one: Cictl, one_jenkins: FakeJenkins, words: tuple[str, ...], status: ExitCode, said: str
) -> None:
    one_jenkins.put("shop/off", _PLAIN.replace("false", "true"))
    done = cictl_one("build", "start", *words)
    assert (done.status, said in done.stderr, one_jenkins.asked("POST")) == (status, True, []), done.stderr


def test_a_missing_right_is_named(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    one_jenkins.add_user("looker", permissions=["hudson.model.Hudson.Read", "hudson.model.Item.Read"])
    done = cictl_one("build", "start", "--job", "shop/plain", user="looker")
    assert (done.status, "needs Job/Build" in done.stderr) == (ExitCode.NOT_ALLOWED, True)
    hidden = cictl_one("build", "start", "--job", "shop/plain", user="reader")
    assert (hidden.status, "Job/Read" in hidden.stderr) == (ExitCode.NOT_FOUND, True)
    one_jenkins.script("shop/plain", BuildScript(is_manual=True))
    cictl_one("build", "start", "--job", "shop/plain")
    stopped = cictl_one("build", "stop", "--job", "shop/plain", user="looker")
    assert (stopped.status, "Job/Cancel" in stopped.stderr) == (ExitCode.NOT_ALLOWED, True)


_READ = ("hudson.model.Hudson.Read", "hudson.model.Item.Read")
_RIGHTS = [
    pytest.param(("list",), (), id="list"),
    pytest.param(("log",), (), id="log"),
    pytest.param(("start", "--follow"), ("hudson.model.Item.Build",), id="start"),
    pytest.param(("stop", "--build", "2"), ("hudson.model.Item.Cancel",), id="stop"),
    pytest.param(("approve",), ("hudson.model.Item.Build",), id="approve-where-nobody-is-named"),
    pytest.param(("reject",), ("hudson.model.Item.Cancel",), id="reject-though-not-named"),
]


@pytest.mark.parametrize(("words", "more"), _RIGHTS)
def test_the_least_rights(
    cictl_one: Cictl, one_jenkins: FakeJenkins, words: tuple[str, ...], more: tuple[str, ...]
) -> None:
    one_jenkins.script("shop/plain", BuildScript(["x\n"]), BuildScript([Input("Go", "Go?")]), BuildScript(["x\n"]))
    cictl_one("build", "start", "--job", "shop/plain", "--follow")
    cictl_one("build", "start", "--job", "shop/plain")
    one_jenkins.add_user("enough", permissions=[*_READ, *more])
    one_jenkins.add_user("less", permissions=[*_READ, *more][:-1])
    verb, *options = words
    assert cictl_one("build", verb, "--job", "shop/plain", *options, user="less").status in {
        ExitCode.NOT_ALLOWED,
        ExitCode.NOT_FOUND,
    }
    done = cictl_one("build", verb, "--job", "shop/plain", *options, user="enough")
    assert done.status == ExitCode.OK, done.stderr


def test_one_who_is_named_needs_no_right_but_to_read(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    _asking(one_jenkins, Input("Go", "Go?", submitter="boss"))
    cictl_one("build", "start", "--job", "shop/plain")
    one_jenkins.add_user("boss", permissions=_READ)
    done = cictl_one("build", "approve", "--job", "shop/plain", user="boss")
    assert (done.status, "Approved by boss" in done.stdout) == (ExitCode.OK, True)


# -- scan, log, stop, list, open


def test_a_scan_finds_new_branches(cictl: Cictl, jenkins: FakeJenkins) -> None:
    jenkins.push(_REPO, "new")
    assert cictl("build", "start", "checkout", "--branch", "new").status == ExitCode.NOT_FOUND
    done = cictl("build", "scan", "checkout")
    assert (done.status, "Checking branch new" in done.stdout) == (ExitCode.OK, True), done.stderr
    assert cictl("build", "start", "checkout", "--branch", "new", "--follow").status == ExitCode.OK


def test_scans_that_do_not_work(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    one_jenkins.put("shop/ci/checkout", _MULTIBRANCH.replace("checkout.git", "gone.git"))
    failed = cictl_one("build", "scan", "checkout")
    assert (failed.status, "ERROR: Could not update" in failed.stdout) == (ExitCode.FAR_SIDE_FAILED, True)
    assert cictl_one("build", "scan", "--job", "shop/plain").status == ExitCode.USAGE


def test_logs_by_number_and_by_name(cictl: Cictl, jenkins: FakeJenkins) -> None:
    jenkins.script("shop/plain", BuildScript(["one\n"], "FAILURE"), BuildScript(["two"], is_manual=True))
    for words in ((), ("--follow",)):
        cictl("build", "start", "--job", "shop/plain", *(words if not started(jenkins, "shop/plain") else ()))

    def log(*words: str) -> str:
        return cictl("build", "log", "--job", "shop/plain", *words).stdout

    assert log("--build", "1") == log("--build", "lastFailed")
    assert "one\n" in log("--build", "1")
    assert log() == "Started by user admin\ntwo\n", "what makes no whole line yet is shown"
    assert cictl("build", "log", "--job", "shop/plain", "--build", "9").status == ExitCode.NOT_FOUND
    assert cictl("build", "log", "--job", "shop/plain", "--build", "first").status == ExitCode.USAGE


def test_stop(cictl: Cictl, jenkins: FakeJenkins) -> None:
    jenkins.script("shop/plain", BuildScript(is_manual=True))
    cictl("build", "start", "--job", "shop/plain")
    done = cictl("build", "stop", "--job", "shop/plain", "-o", "json")
    assert (done.status, data(done)["result"]) == (ExitCode.OK, "ABORTED")
    again = cictl("build", "stop", "--job", "shop/plain", "--build", "1")
    assert (again.status, "ended before" in again.stderr) == (ExitCode.OK, True)
    assert cictl("build", "stop", "--job", "shop/plain").status == ExitCode.NOT_FOUND
    assert cictl("build", "stop", "--job", "shop/plain", "--queued", "99").status == ExitCode.NOT_FOUND


def test_list(cictl: Cictl, jenkins: FakeJenkins) -> None:
    for branch in ("main", "feature/x"):
        cictl("build", "start", "checkout", "--branch", branch, "--follow")
    every = cictl("build", "list", "checkout", "-o", "json")
    assert {each["branch"] for each in data(every)["items"]} == {"main", "feature/x"}
    one = data(cictl("build", "list", "checkout", "--branch", "main", "--limit", "1", "-o", "json"))["items"]
    assert [(each["job"], each["result"], each["causes"]) for each in one] == [
        (_BRANCH, "SUCCESS", ["Started by user admin"])
    ]
    jenkins.script("shop/plain", BuildScript(is_manual=True))
    cictl("build", "start", "--job", "shop/plain")
    header, row = cictl("build", "list", "--job", "shop/plain").stdout.splitlines()
    assert header.split() == ["BUILD", "BRANCH", "RESULT", "STARTED", "DURATION", "CAUSE"]
    assert row.split()[:3] == ["1", "-", "RUNNING"]


def test_open(cictl: Cictl, jenkins: FakeJenkins) -> None:
    assert cictl("open", "checkout").stdout == f"{jenkins.url}/job/shop/job/ci/job/checkout/\n"
    branch = cictl("open", "checkout", "--branch", "feature/x", "--print", "-o", "json")
    assert data(branch)["url"] == f"{jenkins.url}/job/shop/job/ci/job/checkout/job/feature%252Fx/"
    cictl("build", "start", "--job", "shop/plain", "--follow")
    assert cictl("open", "--job", "shop/plain", "--build", "1").stdout == f"{jenkins.url}/job/shop/job/plain/1/\n"
    assert cictl("open", "--job", "shop/plain", "--build", "2").status == ExitCode.NOT_FOUND
    assert cictl("open", "--job", "shop/none").status == ExitCode.NOT_FOUND


@pytest.mark.parametrize(
    ("words", "environ", "opened"),
    [
        pytest.param((), {"DISPLAY": ":0"}, 1, id="with-a-browser"),
        pytest.param(("--print",), {"DISPLAY": ":0"}, 0, id="print"),
        pytest.param((), {}, 0, id="no-browser-beside-the-terminal"),
    ],
)
def test_open_on_a_terminal(
    cictl_one: Cictl,
    one_jenkins: FakeJenkins,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    environ: dict[str, str],
    opened: int,
) -> None:
    launched: list[str] = []
    monkeypatch.setattr("click.launch", launched.append)
    monkeypatch.setattr("cictl.output.Output.is_terminal", True)
    monkeypatch.setattr("sys.platform", "linux")
    cictl_one("open", "--job", "shop/plain", *words, **environ)
    assert launched == [f"{one_jenkins.url}/job/shop/job/plain/"] * opened


# -- approve and reject


def _asking(jenkins: FakeJenkins, *questions: Input) -> None:
    jenkins.script("shop/plain", BuildScript([*questions, "went on\n"]))


def test_approve(cictl: Cictl, jenkins: FakeJenkins) -> None:
    _asking(jenkins, Input("Promote", "Promote?"))
    cictl("build", "start", "--job", "shop/plain")
    done = cictl("build", "approve", "--job", "shop/plain", "-o", "json")
    assert (done.status, data(done)["input"], data(done)["said"]) == (ExitCode.OK, "Promote", "Approved by admin")
    assert cictl("build", "approve", "--job", "shop/plain").status == ExitCode.NOT_FOUND


def test_reject(cictl: Cictl, jenkins: FakeJenkins) -> None:
    _asking(jenkins, Input("Promote", "Promote?"))
    cictl("build", "start", "--job", "shop/plain")
    done = cictl("build", "reject", "--job", "shop/plain", "--build", "1", "--input", "Promote", "-o", "json")
    assert (done.status, data(done)["said"], data(done)["result"]) == (ExitCode.OK, "Rejected by admin", "ABORTED")
    assert jenkins.build("shop/plain").result == "ABORTED"


def test_an_input_with_parameters_wants_them(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    question = Input("Promote", "Promote?", parameters={"REASON": ""})
    _asking(one_jenkins, question)
    cictl_one("build", "start", "--job", "shop/plain")
    bare = cictl_one("build", "approve", "--job", "shop/plain")
    assert (bare.status, "asks for parameters" in bare.stderr, question.given) == (ExitCode.USAGE, True, None)
    assert cictl_one("build", "approve", "--job", "shop/plain", "-p", "REASON=green & \ub458").status == ExitCode.OK
    assert question.given == {"REASON": "green & \ub458"}


def test_one_who_is_not_named_may_not_answer(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    one_jenkins.add_user(
        "builder", permissions=["hudson.model.Hudson.Read", "hudson.model.Item.Read", "hudson.model.Item.Build"]
    )
    _asking(one_jenkins, Input("Promote", "Promote?", submitter="boss,release"))
    cictl_one("build", "start", "--job", "shop/plain")
    for verb in ("approve", "reject"):
        done = cictl_one("build", verb, "--job", "shop/plain", user="builder")
        assert (done.status, "boss,release" in done.stderr) == (ExitCode.NOT_ALLOWED, True)
    assert one_jenkins.build("shop/plain").building


def test_an_answer_that_is_lost_is_read_back(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    _asking(one_jenkins, Input("A", "A?"), Input("B", "B?"))
    cictl_one("build", "start", "--job", "shop/plain")
    one_jenkins.faults.drop_after(lambda request: "proceedEmpty" in request.target)
    assert cictl_one("build", "approve", "--job", "shop/plain").status == ExitCode.OK
    one_jenkins.faults.drop_before(lambda request: "proceedEmpty" in request.target, nth=1)
    lost = cictl_one("build", "approve", "--job", "shop/plain")
    assert (lost.status, "still waits" in lost.stderr) == (ExitCode.FAR_SIDE_FAILED, True)


def test_the_one_that_is_meant_must_be_named(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    _asking(one_jenkins, Input("A", "A?"))
    for _ in range(2):
        cictl_one("build", "start", "--job", "shop/plain")
    many = cictl_one("build", "approve", "--job", "shop/plain")
    assert (many.status, "--build 1 --input A" in many.stderr) == (ExitCode.USAGE, True)
    wrong = cictl_one("build", "approve", "--job", "shop/plain", "--build", "1", "--input", "B")
    assert wrong.status == ExitCode.NOT_FOUND
    assert cictl_one("build", "approve", "--job", "shop/plain", "--build", "1").status == ExitCode.OK
    first, second = one_jenkins.job("shop/plain").builds
    assert ("went on" in first.log, "went on" in second.log, second.building) == (True, False, True)
