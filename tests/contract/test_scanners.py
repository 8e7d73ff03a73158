"""Scanners are programs on PATH: stand-ins that write what trivy and grype write, fail, hang, or write nothing."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from cictl.clients.scanners import Scanners
from cictl.core.scan_reports import read_report
from cictl.errors import CictlError, ConfigInvalid, FarSideFailed, NotFound, TimedOut
from tests.running import eventually
from tests.unit.core.test_scan_reports import DIGEST, GRYPE, TRIVY

IMAGE = f"r.example/shop/checkout@{DIGEST}"
_SCRIPT = """#!/bin/sh
printf '%s\\n' "$@" > "{folder}/arguments"
env > "{folder}/environment"
while [ $# -gt 0 ]; do case "$1" in --output|--file) out="$2"; [ "$2" = json ] || target="$2" ;; esac; shift; done
{body}
"""


def program(folder: Path, name: str, body: str) -> None:
    path = folder / name
    path.write_text(_SCRIPT.format(folder=folder, body=body))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def writes(folder: Path, name: str, document: object) -> None:
    (folder / "document").write_text(json.dumps(document))
    program(folder, name, f'cat "{folder}/document" > "$target"')


def scanners(folder: Path, *, timeout_seconds: float = 60.0) -> Scanners:
    return Scanners({"PATH": f"{folder}:/usr/bin:/bin"}, timeout_seconds=timeout_seconds)


@pytest.mark.parametrize(("name", "document"), [("trivy", TRIVY), ("grype", GRYPE)])
def test_each_is_found_and_run(tmp_path: Path, name: str, document: object) -> None:
    writes(tmp_path, name, document)
    found = scanners(tmp_path)
    assert found.find(None) == name
    assert read_report(found.scan(name, IMAGE, insecure=False)).scanner == name
    assert IMAGE in (tmp_path / "arguments").read_text().splitlines()[-1]
    assert "--quiet" not in (tmp_path / "arguments").read_text()
    assert "NON_SSL" not in (tmp_path / "environment").read_text()
    found.scan(name, IMAGE, insecure=True)
    assert "INSECURE" in (tmp_path / "environment").read_text()


def test_the_first_that_is_there(tmp_path: Path) -> None:
    for name in ("grype", "trivy"):
        program(tmp_path, name, "exit 0")
    assert scanners(tmp_path).find(None) == "trivy"
    assert scanners(tmp_path).find("grype") == "grype"


def test_the_policy_judges_and_not_the_scanner(tmp_path: Path) -> None:
    """Grype ends with 2 and trivy with what one likes where the team's own settings say so."""
    writes(tmp_path, "grype", GRYPE)
    writes(tmp_path, "trivy", TRIVY)
    found = scanners(tmp_path)
    found.scan("grype", IMAGE, insecure=False)
    assert "--fail-on=" in (tmp_path / "arguments").read_text().splitlines()
    writes(tmp_path, "trivy", TRIVY)
    found.scan("trivy", IMAGE, insecure=False)
    assert "--exit-code\n0\n" in (tmp_path / "arguments").read_text()
    environment = (tmp_path / "environment").read_text().splitlines()
    assert {"TRIVY_EXIT_ON_EOL=0", "TRIVY_LIST_ALL_PKGS=true", "TRIVY_SHOW_SUPPRESSED=true"} <= set(environment)


@pytest.mark.parametrize("name", [None, "trivy"])
def test_none_is_there(tmp_path: Path, name: str | None) -> None:
    with pytest.raises(NotFound, match="so nothing was scanned") as caught:
        Scanners({"PATH": str(tmp_path)}, timeout_seconds=1).find(name)
    assert "--report" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        pytest.param("echo no database >&2; exit 1", FarSideFailed, "no database", id="fails"),
        pytest.param("exit 1", FarSideFailed, "it does not say why", id="fails-without-a-word"),
        pytest.param("exit 0", NotFound, "there is no", id="writes-nothing"),
        pytest.param('echo "{" > "$target"', ConfigInvalid, "cannot be read as JSON", id="writes-half"),
        pytest.param(
            """yes '[' | head -c 200000 | tr -d '\\n' > "$target\"""", ConfigInvalid, "nested too deep", id="is-deep"
        ),
        pytest.param("exec sleep 60", TimedOut, "did not end within", id="hangs"),
    ],
)
def test_trouble_is_never_a_pass(tmp_path: Path, body: str, error: type[CictlError], words: str) -> None:
    program(tmp_path, "trivy", body)
    seconds = 0.5 if error is TimedOut else 60.0
    with pytest.raises(error) as caught:
        scanners(tmp_path, timeout_seconds=seconds).scan("trivy", IMAGE, insecure=False)
    assert words in caught.value.message
    assert caught.value.hint


def test_what_hangs_leaves_no_children(tmp_path: Path) -> None:
    program(tmp_path, "trivy", f"sleep 600 & echo $! > {tmp_path}/child; wait")
    with pytest.raises(TimedOut):
        scanners(tmp_path, timeout_seconds=3.0).scan("trivy", IMAGE, insecure=False)
    child = int((tmp_path / "child").read_text())
    eventually(lambda: not runs(child))


def runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


BILL = {"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {}, "components": [{"name": "zlib1g"}]}


def test_syft_lists_the_image_by_its_digest(tmp_path: Path) -> None:
    (tmp_path / "document").write_text(json.dumps(BILL))
    program(tmp_path, "syft", f'set -- "$(sed -n 3p {tmp_path}/arguments)"; cp {tmp_path}/document "${{1#*=}}"')
    assert scanners(tmp_path).bill_of(IMAGE, insecure=True) == BILL
    *options, target, source = (tmp_path / "arguments").read_text().splitlines()
    assert (options, source) == (["scan", "--output"], f"registry:{IMAGE}")
    assert target.startswith("cyclonedx-json=/")
    assert "SYFT_REGISTRY_INSECURE_USE_HTTP=true" in (tmp_path / "environment").read_text()


def test_without_syft_there_is_no_bill(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="there is no syft on PATH") as caught:
        Scanners({"PATH": str(tmp_path)}, timeout_seconds=1).bill_of(IMAGE, insecure=False)
    assert "install syft" in str(caught.value.hint)


def test_where_syft_fails_nobody_is_sent_to_another_scanner(tmp_path: Path) -> None:
    program(tmp_path, "syft", "echo no such image >&2; exit 1")
    with pytest.raises(FarSideFailed, match="no such image") as caught:
        scanners(tmp_path).bill_of(IMAGE, insecure=False)
    assert caught.value.hint == "try 'syft scan' by hand: nothing else of cictl makes a bill"


def test_a_report_is_kept_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "report.json"
    scanners(tmp_path).keep(TRIVY, path)
    assert scanners(tmp_path).read(path) == TRIVY
    assert [each.name for each in path.parent.iterdir()] == ["report.json"]
    with pytest.raises(FarSideFailed, match="below-a-file cannot be written"):
        scanners(tmp_path).keep(TRIVY, path / "below-a-file")
