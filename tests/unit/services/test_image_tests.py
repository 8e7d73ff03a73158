from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cictl.config.service_file import ServiceFile, load_service_file
from cictl.core.image import ImageReference
from cictl.core.image_source import SourceFacts
from cictl.core.test_report import ContainerEnd
from cictl.errors import ConfigInvalid, FarSideFailed, TimedOut
from cictl.services.image_tests import ImageTestRun, ImageTests
from cictl.services.images import BuildRequest, BuiltImage

PASSES = (("junit.xml", b'<testsuite><testcase name="a"/></testsuite>'),)
FAILS = (("junit.xml", b'<testsuite><testcase name="a"><failure message="oh"/></testcase></testsuite>'),)
SERVICE = "name: checkout\ntest: {target: test, junit: /reports/junit.xml}\n"


@dataclass
class World:
    """Every part that ImageTests needs, in one, and what it did with it."""

    folder: Path
    end: ContainerEnd = field(default_factory=lambda: ContainerEnd(0, files=PASSES))
    built: list[tuple[BuildRequest | None, str]] = field(default_factory=list)
    ran: dict[str, Any] = field(default_factory=dict)
    written: list[tuple[Path, Sequence[tuple[str, bytes]]]] = field(default_factory=list)
    cleared: list[Path] = field(default_factory=list)

    def service(self, name: str) -> ServiceFile:
        assert name == "checkout"
        return load_service_file(self.folder)

    def build(self, name: str, request: BuildRequest | None = None, *, suffix: str = "") -> BuiltImage:
        self.built.append((request, suffix))
        return BuiltImage(name, ImageReference("r.example/a", "1-test"), "sha256:x", "engine", {}, SourceFacts("c", 0))

    def run(self, image: str, **options: object) -> ContainerEnd:
        self.ran = {"image": image, **options}
        return self.end

    def write(self, folder: Path, files: Sequence[tuple[str, bytes]]) -> None:
        self.written.append((folder, files))

    def clear(self, folder: Path) -> None:
        self.cleared.append(folder)

    def test(self, request: BuildRequest | None = None, *, junit_folder: Path | None = None) -> ImageTestRun:
        tests = ImageTests(self, self, self, self, lambda _line: None)
        return tests.test("checkout", request or BuildRequest(), junit_folder=junit_folder, timeout_seconds=60.0)


@pytest.fixture
def world(tmp_path: Path) -> World:
    (tmp_path / "service.yaml").write_text(SERVICE)
    return World(tmp_path)


def test_tests_that_pass(world: World) -> None:
    tested = world.test()
    assert tested.failure is None
    assert tested.report.summary() == "1 case: 1 passed"
    assert world.built == [(BuildRequest(target="test"), "-test")]
    assert world.ran["image"] == "sha256:x"
    assert (world.ran["command"], world.ran["take"]) == (None, "/reports/junit.xml")
    assert world.ran["timeout_seconds"] == 60.0


def test_tests_that_fail_leave_their_report_too(world: World) -> None:
    world.end = ContainerEnd(1, files=FAILS)
    tested = world.test()
    assert tested.failure == "1 of 1 test cases failed"
    assert world.written == [(Path("build/reports/checkout"), FAILS)]


def test_what_an_earlier_run_left_goes_first(world: World) -> None:
    world.test()
    assert world.cleared == [Path("build/reports/checkout")]


def test_a_folder_of_the_users_is_not_cleared(world: World, tmp_path: Path) -> None:
    tested = world.test(junit_folder=tmp_path / "mine")
    assert world.cleared == []
    assert tested.folder == tmp_path / "mine"
    assert world.written[0][0] == tmp_path / "mine"


def test_a_command_runs_in_the_shipped_image(world: World) -> None:
    (world.folder / "service.yaml").write_text("name: checkout\ntest: {command: [make, check]}\n")
    world.end = ContainerEnd(0)
    tested = world.test()
    assert world.built[0][0] == BuildRequest(target=None)
    assert world.ran["command"] == ("make", "check")
    assert tested.folder is None
    assert tested.failure is None
    assert world.written == []


def test_the_command_lines_target_wins(world: World) -> None:
    world.test(BuildRequest({"A": "1"}, "other", "v1"))
    assert world.built[0][0] == BuildRequest({"A": "1"}, "other", "v1")


def test_tests_that_do_not_end_leave_what_they_have(world: World) -> None:
    world.end = ContainerEnd(137, timed_out=True, files=PASSES)
    with pytest.raises(TimedOut, match="60 s") as caught:
        world.test()
    assert "--timeout" in str(caught.value.hint)
    assert world.written


def test_a_torn_report(world: World) -> None:
    world.end = ContainerEnd(1, files=(("junit.xml", b"<tests"),))
    with pytest.raises(FarSideFailed, match=r"junit\.xml"):
        world.test()
    assert world.written


def test_a_service_without_tests(world: World) -> None:
    (world.folder / "service.yaml").write_text("name: checkout\n")
    with pytest.raises(ConfigInvalid, match="does not say how checkout is tested") as caught:
        world.test()
    assert "test: {target" in str(caught.value.hint)
