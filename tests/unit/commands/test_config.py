from __future__ import annotations

import json
from pathlib import Path

import pytest

from cictl.errors import ExitCode
from tests.running import Run


@pytest.fixture(autouse=True)
def _platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cictl.yaml").write_text("version: 1\nprometheus: {url: 'http://file:9090'}\n")
    monkeypatch.chdir(tmp_path)


def test_view_as_table(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CICTL_PROMETHEUS_URL", "http://variable:9090")
    assert run("config", "view").stdout == (
        "KEY             VALUE                 FROM\n"
        "version         1                     cictl.yaml:1\n"
        "prometheus.url  http://variable:9090  CICTL_PROMETHEUS_URL\n"
    )


def test_view_as_json(run: Run) -> None:
    shown = json.loads(run("config", "view", "-o", "json").stdout)
    assert shown["kind"] == "ConfigView"
    assert shown["settings"][1] == {"key": "prometheus.url", "value": "http://file:9090", "origin": "cictl.yaml:2"}


def test_check(run: Run) -> None:
    assert run("config", "check").stdout == "FILE        STATUS\ncictl.yaml  ok\n"


def test_check_finds(run: Run) -> None:
    Path("cictl.yaml").write_text("version: 1\nregisty: {}\n")
    outcome = run("config", "check")
    assert outcome.status == ExitCode.CONFIG
    assert outcome.stderr.startswith("error: cictl.yaml:2: registy: unknown key; did you mean 'registry'?\n")


@pytest.mark.parametrize(("argv", "title"), [((), "cictl.yaml"), (("service",), "service.yaml")])
def test_schema(run: Run, argv: tuple[str, ...], title: str) -> None:
    assert json.loads(run("config", "schema", *argv).stdout)["title"] == title


@pytest.mark.parametrize(("section", "asked"), [("", False), ("scan: {fail_on: critical}\n", True)])
def test_library(run: Run, section: str, *, asked: bool) -> None:
    Path("cictl.yaml").write_text(f"version: 1\n{section}registry: {{url: 'r.example:5000'}}\n")
    printed = run("config", "library").stdout
    facts = json.loads(printed)
    assert (facts["scan"], facts["registryUrl"], facts["repo"]) == (asked, "r.example:5000", None)
    assert run("config", "library", "--save", "platform.json").stdout == ""
    assert Path("platform.json").read_text() == printed


def test_library_into_no_folder(run: Run) -> None:
    outcome = run("config", "library", "--save", "nowhere/platform.json")
    assert outcome.status == ExitCode.FAR_SIDE_FAILED
    assert "nowhere/platform.json cannot be written: No such file or directory" in outcome.stderr
