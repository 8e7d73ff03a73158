"""`cictl gate`: exit statuses, tables and JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cictl.core.release_target import ReadyPod, ReleaseTarget
from cictl.core.verdict import CheckResult, GateResult, Verdict
from cictl.services.gates import CheckedRelease
from cictl.wiring import gates
from cictl.wiring.app import App
from tests.running import Run

TARGET = ReleaseTarget("shop", "checkout", "checkout-1", (ReadyPod("checkout-1-abcde", 0.0),))
CHECK = CheckResult("errors", Verdict.UNHEALTHY, "5 of 9", 0.05, 0.01, "ratio", {"badQuery": "sum(x)", "eValue": 7.5})
GOOD = "sum(increase(x{$selector}[$window]))"
CONFIG = f"""\
version: 1
gates:
  good:
    checks: [{{name: up, query: 'sum(x{{$selector}})', min: 1}}]
  typo:
    traffic: sum(increase(x{{$selectr}}[$window]))
    checks:
      - name: errors
        bad: '{GOOD}'
        total: |
          sum(
            rate(x{{$selector}}[$window]))
        max: 1%
"""


def _found(verdict: Verdict) -> CheckedRelease:
    return CheckedRelease(TARGET, GateResult("default", verdict, "so it is", 7.0, (CHECK,)))


@pytest.mark.parametrize(
    ("verdict", "status"),
    [(Verdict.HEALTHY, 0), (Verdict.UNHEALTHY, 10), (Verdict.UNKNOWN, 11), (Verdict.INSUFFICIENT, 11)],
)
def test_check_says_it_by_its_exit_status(
    run: Run, monkeypatch: pytest.MonkeyPatch, verdict: Verdict, status: int
) -> None:
    monkeypatch.setattr(gates, "check_release", lambda *_, **__: _found(verdict))
    done = run("gate", "check", "checkout", "--env", "production", "-o", "name")
    assert (done.status, done.stdout.strip()) == (status, f"gate/default {verdict}")
    assert ("so it is" in done.stderr) is (status != 0)


def test_check_shows_its_checks(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "check_release", lambda *_, **__: _found(Verdict.HEALTHY))
    lines = run("gate", "check", "checkout", "--env", "production").stdout.splitlines()
    assert lines[0].split() == ["CHECK", "VALUE", "LIMIT", "VERDICT", "REASON"]
    assert lines[1].split(maxsplit=4) == ["errors", "5%", "1%", "unhealthy", "5 of 9"]
    assert "sum(x)" in run("gate", "check", "checkout", "--env", "production", "-o", "wide").stdout


def test_check_as_json_has_the_evidence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "check_release", lambda *_, **__: _found(Verdict.HEALTHY))
    answer = json.loads(run("gate", "check", "checkout", "--env", "production", "-o", "json").stdout)
    assert (answer["kind"], answer["replicaSet"], answer["readyPods"]) == (
        "GateResult",
        "checkout-1",
        ["checkout-1-abcde"],
    )
    assert answer["checks"][0]["evidence"] == {"badQuery": "sum(x)", "eValue": 7.5}


def test_check_passes_its_options_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}

    def check(_: App, service: str, **options: object) -> CheckedRelease:
        seen.update(options, service=service)
        return _found(Verdict.HEALTHY)

    monkeypatch.setattr(gates, "check_release", check)
    run("gate", "check", "checkout", "--env", "e", "--gate", "g", "--window", "90s")
    assert seen == {"service": "checkout", "environment": "e", "gate": "g", "window_seconds": 90.0}


def test_a_result_without_checks_is_a_line_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = CheckedRelease(TARGET, GateResult("default", Verdict.UNKNOWN, "nobody there", 7.0))
    monkeypatch.setattr(gates, "check_release", lambda *_, **__: empty)
    assert "nobody there" in run("gate", "check", "checkout", "--env", "production").stdout


def test_lint_names_file_line_and_column(run: Run, tmp_path: Path) -> None:
    (tmp_path / "cictl.yaml").write_text(CONFIG)
    done = run("gate", "lint", "-o", "json", app=App(directory=tmp_path, environ={}))
    assert done.status == 3
    typo, rate = json.loads(done.stdout)["findings"]
    assert (typo["line"], typo["column"], typo["queryColumn"]) == (6, 29, 16)
    assert "did you mean '$selector'?" in typo["message"]
    assert (rate["line"], rate["column"], rate["near"]) == (10, None, "rate(x{$selector}[$wi")
    assert "2 errors in the gates" in done.stderr


def test_lint_shows_the_text_where_the_file_has_it_on_other_lines(run: Run, tmp_path: Path) -> None:
    (tmp_path / "cictl.yaml").write_text(CONFIG)
    done = run("gate", "lint", "typo", app=App(directory=tmp_path, environ={}))
    assert "cictl.yaml:10 " in done.stdout
    assert "near `rate(x{$selector}[$wi`" in done.stdout


def test_lint_of_one_good_gate(run: Run, tmp_path: Path) -> None:
    (tmp_path / "cictl.yaml").write_text(CONFIG)
    done = run("gate", "lint", "good", "--offline", app=App(directory=tmp_path, environ={}))
    assert (done.status, done.stdout.strip()) == (0, "no findings")


def test_lint_of_an_unknown_gate(run: Run, tmp_path: Path) -> None:
    (tmp_path / "cictl.yaml").write_text(CONFIG)
    done = run("gate", "lint", "god", app=App(directory=tmp_path, environ={}))
    assert done.status == 4
    assert "did you mean 'good'?" in done.stderr
