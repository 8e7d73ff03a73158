"""`cictl build start` against a stand-in for Jenkins, in both ways of keeping jobs and under a prefix."""

from __future__ import annotations

from pathlib import Path
from secrets import token_hex

import pytest

from cictl.errors import ExitCode
from tests.contract.builds_jenkins import (
    BRANCH,
    DEPLOY,
    PLAIN,
    Cictl,
    data,
    is_start,
    started,
)
from tests.fake_jenkins.builds import BuildScript
from tests.fake_jenkins.server import FakeJenkins


def test_a_service_is_built_and_its_log_shown(cictl: Cictl, jenkins: FakeJenkins) -> None:
    note = "\x1b[8mha:////4F3QIZQZggw70InDOdwI/3yM=\x1b[0m"
    jenkins.script(
        BRANCH, BuildScript([f"{note}[Pipeline] Start\n\nhel", "lo\n", "\x1b]0;title\x07caf\u00e9\n"], queue_looks=2)
    )
    before = started(jenkins, BRANCH)
    done = cictl("build", "start", "checkout", "--follow")
    assert (done.status, started(jenkins, BRANCH)) == (ExitCode.OK, before + 1), done.stderr
    assert done.stdout == "Started by user admin\n[Pipeline] Start\n\nhello\ncaf\u00e9\nFinished: SUCCESS\n"
    assert "waiting in the queue: Waiting for next available executor" in done.stderr
    assert f"{BRANCH} #{before + 1} ended as SUCCESS" in done.stderr


def test_capitals_do_not_matter_to_jenkins(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    one_jenkins.faults.drop_after(is_start)
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
    jenkins.script(BRANCH, BuildScript(is_manual=True, queue_looks=3))
    done = cictl("build", "start", "checkout", "-o", "json")
    assert (done.status, data(done)["isBuilding"], data(done)["causes"]) == (0, True, ["Started by user admin"])


def test_parameters_reach_the_build(cictl: Cictl, jenkins: FakeJenkins, tmp_path: Path) -> None:
    (tmp_path / "version").write_text("2.0 \u20ac & more\n")
    done = cictl(
        *("build", "start", "--job", DEPLOY, "-p", "TO=production", "-p", "FORCE=yes", "--follow", "-o", "json"),
        *("--param-from", f"VERSION=file:{tmp_path / 'version'}", "--param-from", "KEY=env:MY_KEY"),
        MY_KEY="canary-secret",
    )
    assert done.status == ExitCode.OK, done.stderr
    values = {dict(each.values)["name"]: dict(each.values).get("value") for each in jenkins.build(DEPLOY).parameters}
    assert values == {"VERSION": "2.0 \u20ac & more", "FORCE": True, "TO": "production", "KEY": "canary-secret"}
    assert "canary-secret" not in done.stdout + done.stderr


@pytest.mark.parametrize("fault", ["none", "lost", "echoed", "refused"])
def test_secrets_are_shown_nowhere(cictl_one: Cictl, one_jenkins: FakeJenkins, tmp_path: Path, fault: str) -> None:
    canaries = [token_hex(8), token_hex(8)]
    (tmp_path / "key").write_text(f"{canaries[0]}\n")
    echo = f"+ deploy --key {canaries[0]}\nurl=https://u:{canaries[1]}@h/\n" if fault == "echoed" else "x\n"
    one_jenkins.script(DEPLOY, BuildScript([echo], "FAILURE"))
    if fault == "lost":
        one_jenkins.faults.drop_after(is_start)
    more = ("-p", "TO=moon") if fault == "refused" else ("--param-from", "VERSION=env:V")
    words = ("--job", DEPLOY, "--follow", "--param-from", f"KEY=file:{tmp_path / 'key'}", *more)
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
    done = cictl_one("build", "start", "--job", DEPLOY, *words, HOME="/h")
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
    pytest.param((), ExitCode.USAGE, "as in --job shop/deploy/promote", id="nothing"),
    pytest.param(("checkout", "--job", "shop"), ExitCode.USAGE, "one of both", id="both"),
    pytest.param(("--job", "shop/off"), ExitCode.CONFLICT, "is disabled", id="disabled"),
]


@pytest.mark.parametrize(("words", "status", "said"), _NOT_BUILT)
def test_what_is_not_built_says_why(
    cictl_one: Cictl, one_jenkins: FakeJenkins, words: tuple[str, ...], status: ExitCode, said: str
) -> None:
    one_jenkins.put("shop/off", PLAIN.replace("false", "true"))
    done = cictl_one("build", "start", *words)
    assert (done.status, said in done.stderr, one_jenkins.asked("POST")) == (status, True, []), done.stderr
