from __future__ import annotations

import json
from pathlib import Path

import pytest

from cictl.core.image import ImageReference
from cictl.core.image_source import SourceFacts
from cictl.core.test_report import CaseOutcome, CaseResult, TestReport
from cictl.errors import ExitCode
from cictl.services.image_tests import ImageTestRun
from cictl.services.images import BuildRequest, BuiltImage
from cictl.wiring import images
from cictl.wiring.app import App
from tests.running import Run

SHA = f"sha256:{'a' * 64}"
PUSHED = ImageReference("r.example/shop/checkout", "1", SHA)
BUILT = BuiltImage(
    "checkout", ImageReference("r.example/shop/checkout", "1"), SHA, "buildkit", {"a": "b"}, SourceFacts("c0ffee", 0)
)
CASES = (
    CaseResult("tests.test_a::test_one", CaseOutcome.PASSED, seconds=0.25),
    CaseResult("tests.test_a::test_two", CaseOutcome.FAILED, "assert 1 == 2\n +  where 1", 0.5),
)


class Service:
    """Stands for ImageService and ImageTests."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.failure: str | None = None

    def build(self, service: str, request: BuildRequest) -> BuiltImage:
        self.asked += [service, request]
        return BUILT

    def push(self, service: str, *, tag: str | None) -> ImageReference:
        self.asked += [service, tag]
        return PUSHED

    def resolve(self, text: str) -> ImageReference:
        self.asked.append(text)
        return PUSHED

    def test(
        self, service: str, request: BuildRequest, *, junit_folder: Path | None, timeout_seconds: float
    ) -> ImageTestRun:
        self.asked += [service, request, junit_folder, timeout_seconds]
        cases = CASES if self.failure else CASES[:1]
        return ImageTestRun(service, BUILT, TestReport(cases), self.failure, Path("build/reports/checkout"))


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    made = Service()
    monkeypatch.setattr(images, "image_service", lambda _app: made)
    monkeypatch.setattr(images, "image_tests", lambda _app: made)
    return made


def test_build(run: Run, service: Service) -> None:
    outcome = run("image", "build", "checkout", "--build-arg", "A=1=2", "--build-arg", "B=", "--target", "t")
    assert outcome.status == ExitCode.OK
    assert service.asked == ["checkout", BuildRequest({"A": "1=2", "B": ""}, "t", None)]
    assert outcome.stdout == (
        "SERVICE   IMAGE                      ID            BUILDER\n"
        "checkout  r.example/shop/checkout:1  aaaaaaaaaaaa  buildkit\n"
    )


def test_build_as_json(run: Run, service: Service) -> None:
    shown = json.loads(run("image", "build", "checkout", "--tag", "1", "-o", "json").stdout)
    assert (shown["kind"], shown["image"], shown["commit"]) == ("ImageBuild", "r.example/shop/checkout:1", "c0ffee")
    assert (shown["dirty"], shown["builder"], shown["labels"]) == (False, "buildkit", {"a": "b"})
    assert service.asked == ["checkout", BuildRequest(tag="1")]


def test_a_build_argument_without_value_is_the_environments(run: Run, service: Service) -> None:
    app = App(environ={"TOKEN": "s3cret"})
    assert run("image", "build", "checkout", "--build-arg", "TOKEN", app=app).status == ExitCode.OK
    assert service.asked[1] == BuildRequest({"TOKEN": "s3cret"})


@pytest.mark.parametrize("argument", ["GONE", "=1", ""])
def test_build_arguments_that_cannot_be(run: Run, service: Service, argument: str) -> None:
    outcome = run("image", "build", "checkout", "--build-arg", argument, app=App(environ={}))
    assert outcome.status == ExitCode.USAGE
    assert "--build-arg" in outcome.stderr
    assert service.asked == []


@pytest.mark.parametrize("command", [("push", "checkout"), ("resolve", "checkout:1")])
@pytest.mark.usefixtures("service")
def test_push_and_resolve_give_the_digest(run: Run, command: tuple[str, str]) -> None:
    assert run("image", *command, "-o", "name").stdout == f"r.example/shop/checkout@{SHA}\n"
    assert run("image", *command).stdout == (
        f"REPOSITORY               TAG  DIGEST\nr.example/shop/checkout  1    {SHA}\n"
    )
    assert json.loads(run("image", *command, "-o", "json").stdout) == {
        "apiVersion": "cictl.dev/v1",
        "kind": "Image",
        "image": f"r.example/shop/checkout@{SHA}",
        "repository": "r.example/shop/checkout",
        "tag": "1",
        "digest": SHA,
    }


def test_test_that_passes(run: Run, service: Service) -> None:
    outcome = run("image", "test", "checkout", "--junit-dir", "there", "--timeout", "2m")
    assert (outcome.status, outcome.stdout) == (ExitCode.OK, "checkout: 1 case: 1 passed in 0.2 s\n")
    assert service.asked == ["checkout", BuildRequest(), Path("there"), 120.0]


def test_test_that_fails_shows_the_case(run: Run, service: Service) -> None:
    service.failure = "1 of 2 test cases failed"
    outcome = run("image", "test", "checkout")
    assert outcome.status == ExitCode.FAR_SIDE_FAILED
    assert outcome.stdout == (
        "checkout: 2 cases: 1 passed, 1 failed in 0.8 s\n"
        "  failed tests.test_a::test_two\n"
        "    assert 1 == 2\n"
        "     +  where 1\n"
    )
    assert "error: checkout: 1 of 2 test cases failed" in outcome.stderr
    assert "hint: the reports are in build/reports/checkout" in outcome.stderr


def test_test_that_fails_as_json(run: Run, service: Service) -> None:
    service.failure = "1 of 2 test cases failed"
    outcome = run("image", "test", "checkout", "-o", "json")
    shown = json.loads(outcome.stdout)
    assert outcome.status == ExitCode.FAR_SIDE_FAILED
    assert (shown["passed"], shown["summary"]) == (False, "2 cases: 1 passed, 1 failed")
    assert shown["cases"][1]["outcome"] == "failed"
    assert run("image", "test", "checkout", "-o", "name").stdout == "tests.test_a::test_two\n"
