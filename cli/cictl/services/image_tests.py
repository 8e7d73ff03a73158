"""Runs a service's tests inside its image, and says which cases failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cictl.config.service_file import TestEntry
from cictl.core.test_report import ContainerEnd, TestReport, failure_of
from cictl.errors import ConfigInvalid, TimedOut
from cictl.services.images import BuildRequest, BuiltImage, Progress
from cictl.services.junit import read_reports

if TYPE_CHECKING:
    from cictl.config.service_file import ServiceFile

_SUFFIX = "-test"
_REPORTS = Path("build/reports")


class Services(Protocol):
    """What knows the services of the platform."""

    def service(self, name: str) -> ServiceFile:
        """Return what the service called NAME says of itself."""


class Images(Protocol):
    """What builds a service's image."""

    def build(self, name: str, request: BuildRequest | None = None, *, suffix: str = "") -> BuiltImage:
        """Build the image of the service called NAME; SUFFIX goes onto its tag."""


class Runner(Protocol):
    """What runs containers."""

    def run(
        self,
        image: str,
        *,
        command: Sequence[str] | None,
        take: str | None,
        timeout_seconds: float,
        progress: Progress,
    ) -> ContainerEnd:
        """Run IMAGE, or COMMAND in it, to its end, and take out the XML files at path TAKE."""


class Reports(Protocol):
    """What keeps reports."""

    def write(self, folder: Path, files: Sequence[tuple[str, bytes]]) -> None:
        """Put FILES below FOLDER."""

    def clear(self, folder: Path) -> None:
        """Forget the reports in FOLDER."""


@dataclass(frozen=True, slots=True)
class ImageTestRun:
    """What the tests came to; `failure` is None where they passed, `folder` None where no report was asked for."""

    service: str
    image: BuiltImage
    report: TestReport
    failure: str | None
    folder: Path | None


class ImageTests:
    """The use case of `cictl image test`."""

    def __init__(
        self, services: Services, images: Images, runner: Runner, reports: Reports, progress: Progress
    ) -> None:
        """PROGRESS gets a line at a time."""
        self._services = services
        self._images = images
        self._runner = runner
        self._reports = reports
        self._progress = progress

    def test(
        self, name: str, request: BuildRequest, *, junit_folder: Path | None, timeout_seconds: float
    ) -> ImageTestRun:
        """Build what tests the service called NAME, run it, and keep its reports in JUNIT_FOLDER."""
        entry = self._entry(name)
        request = BuildRequest(request.args, request.target or entry.target, request.tag)
        image = self._images.build(name, request, suffix=_SUFFIX)
        folder = self._folder(name, junit_folder) if entry.junit else None
        end = self._runner.run(
            image.image_id,
            command=entry.command,
            take=entry.junit,
            timeout_seconds=timeout_seconds,
            progress=self._progress,
        )
        if folder is not None and end.files:
            self._reports.write(folder, end.files)
        if end.timed_out:
            hint = "allow more with --timeout, or find the test that hangs"
            raise TimedOut(f"the tests of {name} did not end within {timeout_seconds:g} s", hint=hint)
        report = read_reports(end.files)
        return ImageTestRun(name, image, report, failure_of(end, report, junit=entry.junit), folder)

    def _entry(self, name: str) -> TestEntry:
        service = self._services.service(name)
        if service.test is None:
            hint = "add, for example, test: {target: test, junit: /reports/junit.xml}"
            raise ConfigInvalid(f"{service.folder}/service.yaml does not say how {name} is tested", hint=hint)
        return service.test

    def _folder(self, name: str, asked: Path | None) -> Path:
        """Return where reports go; what an earlier run left in our own folder goes first."""
        if asked is not None:
            return asked
        folder = _REPORTS / name
        self._reports.clear(folder)
        return folder
