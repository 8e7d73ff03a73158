from __future__ import annotations

import json
import sys
from collections.abc import Callable
from enum import StrEnum

import pytest
import yaml

from cictl.errors import UsageProblem
from cictl.log_line import LogFormat
from cictl.output import Document, Format, Output, table
from cictl.redaction import redact
from tests.running import FakeClock


class Phase(StrEnum):
    STEPPING = "stepping"


DOCUMENT = Document(
    kind="Rollout",
    data={"name": "checkout", "phase": Phase.STEPPING},
    columns=("NAME", "PHASE"),
    rows=(("checkout", "stepping"), ("cat", "healthy")),
    wide_columns=("NAME", "PHASE", "TOKEN"),
    wide_rows=(("checkout", "stepping", "3"),),
    names=("rollout/checkout",),
)


@pytest.mark.parametrize(
    ("format_", "expected"),
    [
        pytest.param(Format.TABLE, "NAME      PHASE\ncheckout  stepping\ncat       healthy\n", id="table"),
        pytest.param(Format.WIDE, "NAME      PHASE     TOKEN\ncheckout  stepping  3\n", id="wide"),
        pytest.param(Format.NAME, "rollout/checkout\n", id="name"),
    ],
)
def test_formats_for_people(capsys: pytest.CaptureFixture[str], format_: Format, expected: str) -> None:
    Output(format=format_).show(DOCUMENT)
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize(("format_", "parse"), [(Format.JSON, json.loads), (Format.YAML, yaml.safe_load)])
def test_formats_for_machines_carry_version_and_kind(
    capsys: pytest.CaptureFixture[str], format_: Format, parse: Callable[[str], object]
) -> None:
    Output(format=format_).show(DOCUMENT)
    shown = parse(capsys.readouterr().out)
    assert shown == {"apiVersion": "cictl.dev/v1", "kind": "Rollout", "name": "checkout", "phase": "stepping"}


def test_text_stands_in_for_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    Output().show(Document("Plan", {}, text="two steps\n"))
    assert capsys.readouterr().out == "two steps\n"


def test_wide_falls_back_to_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    Output(format=Format.WIDE).show(Document("Plan", {}, columns=("A",), rows=(("1",),)))
    assert capsys.readouterr().out == "A\n1\n"


def test_a_table_takes_colour_only_when_told() -> None:
    assert "\x1b" not in table(("A",), [("healthy",)])
    assert "\x1b[32mhealthy" in table(("A",), [("healthy",)], has_color=True)


def test_cells_cannot_move_the_cursor() -> None:
    assert table(("A", "B"), [("x\x1b[2Jy\n", "z")]) == "A        B\nx [2Jy   z"


@pytest.mark.parametrize("no_color", [True, False])
def test_color_needs_a_terminal(monkeypatch: pytest.MonkeyPatch, no_color: bool) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert Output(no_color=no_color).has_color is not no_color
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)
    assert not Output(no_color=no_color).has_color


def test_progress_goes_to_stderr_with_the_time(capsys: pytest.CaptureFixture[str], clock: FakeClock) -> None:
    Output(clock=clock).progress("2 of 5 pods")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith(" 2 of 5 pods\n")
    assert captured.err[2] == captured.err[5] == ":"


def test_a_log_with_times_of_its_own_gets_none(capsys: pytest.CaptureFixture[str], clock: FakeClock) -> None:
    Output(clock=clock, has_times=False).progress("2 of 5 pods")
    assert capsys.readouterr().err == "2 of 5 pods\n"


def test_progress_as_json(capsys: pytest.CaptureFixture[str], clock: FakeClock) -> None:
    Output(clock=clock, log_format=LogFormat.JSON).progress("2 of 5 pods")
    line = json.loads(capsys.readouterr().err)
    assert line == {"time": "2023-11-14T22:13:20.000Z", "level": "info", "message": "2 of 5 pods"}


def test_lines_for_people_leave_machine_readable_stdout_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Output(format=Format.JSON).line("a plan")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "a plan\n")


def test_off_a_terminal_a_question_names_the_flag() -> None:
    with pytest.raises(UsageProblem) as caught:
        Output().confirm("Go on?", assume_yes=False)
    assert "--yes" in (caught.value.hint or "")
    assert Output().confirm("Go on?", assume_yes=True)


@pytest.mark.parametrize("format_", Format)
def test_nothing_leaves_unredacted(capsys: pytest.CaptureFixture[str], format_: Format) -> None:
    redact('hunt"er22')
    output = Output(format=format_)
    output.show(Document("Secret", {"a": 'hunt"er22'}, ("A",), (('hunt"er22',),), names=('hunt"er22',)))
    output.progress('hunt"er22')
    output.error('hunt"er22', hint='hunt"er22', exit_code=1)
    captured = capsys.readouterr()
    assert "er22" not in captured.out + captured.err


def test_a_log_keeps_its_blank_lines_and_hides_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    redact("hunter2-canary")
    Output().log("\n\nhunter2-canary\n\n")
    Output(format=Format.JSON).log("told\n")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("\n\n[redacted]\n\n", "told\n")
