"""`cictl build approve` and `reject`, and who may do what to builds."""

from __future__ import annotations

import pytest

from cictl.errors import ExitCode
from tests.contract.builds_jenkins import Cictl, data
from tests.fake_jenkins.builds import BuildScript, Input
from tests.fake_jenkins.server import FakeJenkins

_READ = ("hudson.model.Hudson.Read", "hudson.model.Item.Read")


def test_a_missing_right_is_named(cictl_one: Cictl, one_jenkins: FakeJenkins) -> None:
    one_jenkins.add_user("looker", permissions=_READ)
    done = cictl_one("build", "start", "--job", "shop/plain", user="looker")
    assert (done.status, "needs Job/Build" in done.stderr) == (ExitCode.NOT_ALLOWED, True)
    hidden = cictl_one("build", "start", "--job", "shop/plain", user="reader")
    assert (hidden.status, "Job/Read" in hidden.stderr) == (ExitCode.NOT_FOUND, True)
    one_jenkins.script("shop/plain", BuildScript(is_manual=True))
    cictl_one("build", "start", "--job", "shop/plain")
    stopped = cictl_one("build", "stop", "--job", "shop/plain", user="looker")
    assert (stopped.status, "Job/Cancel" in stopped.stderr) == (ExitCode.NOT_ALLOWED, True)


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
    one_jenkins.add_user("builder", permissions=[*_READ, "hudson.model.Item.Build"])
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
