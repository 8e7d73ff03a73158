"""Runs what of the user's looks into images: trivy or grype for vulnerabilities, syft for materials; judges nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from cictl.clients.whole_file import write_output
from cictl.errors import ConfigInvalid, FarSideFailed, NotFound, TimedOut

SCANNERS = ("trivy", "grype")
_HINT = "install trivy or grype, or scan elsewhere and pass its JSON with --report"
_NO_SYFT = "install syft (https://github.com/anchore/syft): it is what lists an image's materials"
_FAILED = "run it by hand: it must have its database, and reach the registry"
_SYFT_FAILED = "try 'syft scan' by hand: nothing else of cictl makes a bill"
_SETTINGS = {
    "NO_COLOR": "1",
    "TRIVY_EXIT_ON_EOL": "0",
    "TRIVY_LIST_ALL_PKGS": "true",
    "TRIVY_SHOW_SUPPRESSED": "true",
}
_INSECURE = {
    "TRIVY_INSECURE": "true",
    "TRIVY_NON_SSL": "true",
    "GRYPE_REGISTRY_INSECURE_USE_HTTP": "true",
    "SYFT_REGISTRY_INSECURE_USE_HTTP": "true",
}
_LAST_LINES = 5


class Scanners:
    """The scanners on the PATH of ENVIRON; one that takes longer than TIMEOUT_SECONDS is given up."""

    def __init__(self, environ: Mapping[str, str], *, timeout_seconds: float) -> None:
        """Run them with ENVIRON, whose settings and registry credentials are the scanner's own business."""
        self._environ, self._timeout_seconds = dict(environ), timeout_seconds

    def find(self, name: str | None) -> str:
        """Return the scanner NAME if it is there, for None the first that is; NotFound says what to install."""
        for each in (name,) if name else SCANNERS:
            if shutil.which(each, path=self._environ.get("PATH")):
                return each
        what = name or " or ".join(SCANNERS)
        raise NotFound(f"there is no {what} on PATH, so nothing was scanned", hint=_HINT)

    def scan(self, scanner: str, image: str, *, insecure: bool) -> object:
        """Return the JSON that SCANNER writes about IMAGE, repository@digest; INSECURE registries speak plain http."""
        with TemporaryDirectory(prefix="cictl-scan-") as folder:
            report = Path(folder) / "report.json"
            self._run(_command(scanner, image, report), insecure=insecure, hint=_FAILED)
            return self.read(report)

    def bill_of(self, image: str, *, insecure: bool) -> object:
        """Return what syft finds in IMAGE, repository@digest, as CycloneDX; NotFound without syft."""
        if not shutil.which("syft", path=self._environ.get("PATH")):
            raise NotFound("there is no syft on PATH, so no bill of materials was made", hint=_NO_SYFT)
        with TemporaryDirectory(prefix="cictl-sbom-") as folder:
            bill = Path(folder) / "sbom.json"
            command = ["syft", "scan", "--output", f"cyclonedx-json={bill}", f"registry:{image}"]
            self._run(command, insecure=insecure, hint=_SYFT_FAILED)
            return self.read(bill)

    def read(self, path: Path) -> object:
        """Return the JSON in PATH; whatever keeps it from being read is an error that says so."""
        try:
            document: object = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise NotFound(f"there is no {path}", hint="the scanner wrote no report") from error
        except RecursionError as error:
            message = f"{path} cannot be read as JSON: it is nested too deep"
            raise ConfigInvalid(message, hint="no scanner writes such a report; scan again") from error
        except (OSError, ValueError) as error:
            message = f"{path} cannot be read as JSON: {error}"
            raise ConfigInvalid(message, hint="scan again: a part may be missing") from error
        return document

    def keep(self, document: object, path: Path) -> None:
        """Write DOCUMENT to PATH, as a whole or not at all."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_output(path, json.dumps(document, indent=1).encode())
        except OSError as error:
            message = f"{path} cannot be written: {error.strerror}"
            raise FarSideFailed(message, hint="name another file with --save") from error

    def _run(self, command: list[str], *, insecure: bool, hint: str) -> None:
        name = command[0]
        environ = {**self._environ, **_SETTINGS, **(_INSECURE if insecure else {})}
        try:
            status, errors = _finish(command, environ, self._timeout_seconds)
        except subprocess.TimeoutExpired as error:
            message = f"{name} did not end within {self._timeout_seconds:.0f} s"
            raise TimedOut(message, hint="give it longer with --timeout; its database may be loading") from error
        except OSError as error:
            raise FarSideFailed(f"{name} cannot be run: {error}", hint=hint) from error
        if status != 0:
            said = "\n  ".join(errors.strip().splitlines()[-_LAST_LINES:]) or "it does not say why"
            raise FarSideFailed(f"{name} failed ({status}), so nothing is known:\n  {said}", hint=hint)


def _finish(command: list[str], environ: Mapping[str, str], timeout_seconds: float) -> tuple[int, str]:
    """Return how COMMAND ended and what it complained of; given up or stopped, its children end with it."""
    process = subprocess.Popen(
        command,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    with process:
        try:
            _, errors = process.communicate(timeout=timeout_seconds)
        except BaseException:
            with suppress(ProcessLookupError):  # it ended just now
                os.killpg(process.pid, signal.SIGKILL)
            raise
    return process.returncode, errors


def _command(scanner: str, image: str, report: Path) -> list[str]:
    """Return how SCANNER is run: never told to be quiet, as it then does not say why it failed, nor to judge."""
    if scanner == "trivy":
        options = ["--scanners", "vuln", "--no-progress", "--exit-code", "0"]
        return ["trivy", "image", "--format", "json", "--output", str(report), *options, "--", image]
    return ["grype", "--output", "json", "--file", str(report), "--fail-on=", f"registry:{image}"]
