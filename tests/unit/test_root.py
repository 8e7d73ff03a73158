from __future__ import annotations

import importlib
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import click
import pytest

from cictl import root
from cictl.errors import ExitCode, NotFound
from cictl.redaction import redact
from tests.running import Run

_SLOW_TO_IMPORT = {"asyncio", "difflib", "email", "http", "json", "logging", "subprocess"}


class FailWith(Protocol):
    """Lets `cictl doctor` raise an error."""

    def __call__(self, error: BaseException) -> None: ...


@pytest.fixture
def fail_with(monkeypatch: pytest.MonkeyPatch) -> FailWith:
    def arrange(error: BaseException) -> None:
        @click.command()
        def command() -> None:
            raise error

        monkeypatch.setattr(root.CommandTable, "get_command", lambda *_: command)

    return arrange


def _imported_by(argument: str) -> set[str]:
    script = (
        "import sys; of_the_interpreter = set(sys.modules); from cictl.root import main; "
        f"main([{argument!r}]); print(*set(sys.modules) - of_the_interpreter, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("argument", ["--help", "--version", "imgae"])
def test_what_needs_no_command_imports_click_and_nothing_of_others(argument: str) -> None:
    imported = _imported_by(argument)
    foreign = {name.partition(".")[0] for name in imported} - sys.stdlib_module_names
    assert {name for name in foreign if not name.startswith("_")} == {"click", "cictl"}
    assert {name for name in imported if name.startswith("cictl.commands.")} == {"cictl.commands.options"}


def test_help_imports_nothing_slow() -> None:
    assert _imported_by("--help") & _SLOW_TO_IMPORT == set()


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_a_closed_stream_makes_no_failure_of_a_success(closed: str) -> None:
    script = "import sys; from cictl.root import main; sys.exit(main(['--version']))"
    done = subprocess.run(
        ["sh", "-c", f'exec "$0" -c "$1" {closed}', sys.executable, script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (ExitCode.OK, "")


def test_a_closed_stdout_keeps_an_error_what_it_is() -> None:
    script = "import sys; from cictl.root import main; sys.exit(main(['imgae']))"
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" -c "$1" >&-', sys.executable, script], capture_output=True, text=True, check=False
    )
    assert done.returncode == ExitCode.USAGE
    assert "did you mean" in done.stderr


def test_help_lists_every_command(run: Run) -> None:
    outcome = run("--help")
    assert outcome.status == ExitCode.OK
    for name, entry in root.COMMANDS.items():
        assert name in outcome.stdout
        assert entry.summary in outcome.stdout


@pytest.mark.parametrize("name", root.COMMANDS)
def test_each_command_says_what_the_table_says(name: str) -> None:
    entry = root.COMMANDS[name]
    module, _, attribute = entry.target.partition(":")
    command: click.Command = getattr(importlib.import_module(module), attribute)
    assert command.help
    assert entry.summary.endswith(".")


@pytest.mark.parametrize(
    ("argv", "message", "hint"),
    [
        pytest.param(("imgae",), "no command 'imgae'; did you mean 'image'?", "cictl --help", id="typo"),
        pytest.param(("--bogus",), "no such option", "cictl --help", id="option"),
        pytest.param(("config", "veiw"), "no such command 'veiw'", "cictl config --help", id="subcommand"),
        pytest.param(("config", "view", "-o", "xml"), "'xml' is not one of", "cictl config view --help", id="choice"),
    ],
)
def test_usage_errors(run: Run, argv: tuple[str, ...], message: str, hint: str) -> None:
    outcome = run(*argv)
    assert outcome.status == ExitCode.USAGE
    assert outcome.stdout == ""
    first, last = outcome.stderr.splitlines()
    assert first.startswith("error: ")
    assert message in first
    assert last.startswith("hint: ")
    assert hint in last


@pytest.mark.parametrize("argv", [(), ("config",)], ids=["root", "group"])
def test_without_a_command_the_help_is_shown(run: Run, argv: tuple[str, ...]) -> None:
    outcome = run(*argv)
    assert outcome.status == ExitCode.USAGE
    assert outcome.stdout == ""
    assert outcome.stderr.startswith(f"Usage: {' '.join(('cictl', *argv))} [OPTIONS] COMMAND")


def test_an_error_ends_with_its_exit_code_and_hint(run: Run, fail_with: FailWith) -> None:
    fail_with(NotFound("no such thing", hint="look elsewhere"))
    outcome = run("doctor")
    assert outcome.status == ExitCode.NOT_FOUND
    assert outcome.stderr == "error: no such thing\nhint: look elsewhere\n"


def test_an_error_is_a_json_line_when_asked(run: Run, fail_with: FailWith) -> None:
    fail_with(NotFound("no such thing", hint="look elsewhere"))
    line = json.loads(run("--log-format", "json", "doctor").stderr)
    assert line["level"] == "error"
    assert (line["message"], line["hint"], line["exitCode"]) == ("no such thing", "look elsewhere", 4)


@pytest.mark.parametrize("argv", [("--log-format=json", "--bogus"), ("--log-format", "json", "--bogus")])
def test_a_usage_error_is_a_json_line_when_asked(run: Run, argv: tuple[str, ...]) -> None:
    assert json.loads(run(*argv).stderr)["exitCode"] == ExitCode.USAGE


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()], ids=["ctrl-c", "abort"])
def test_an_interrupt_is_130(run: Run, fail_with: FailWith, error: BaseException) -> None:
    fail_with(error)
    assert run("doctor").status == 130


def test_a_bug_leaves_a_private_traceback_without_secrets(run: Run, fail_with: FailWith) -> None:
    redact("hunter22")
    fail_with(RuntimeError("cannot use hunter22"))
    outcome = run("doctor")
    (file,) = (Path(os.environ["XDG_STATE_HOME"]) / "cictl").iterdir()
    assert outcome.status == ExitCode.BUG
    assert str(file) in outcome.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "RuntimeError" in file.read_text()
    assert "hunter22" not in file.read_text() + outcome.stderr


@pytest.mark.parametrize("argument", ["imgae", "--version"])
def test_a_pipe_that_is_closed_for_errors_too_leaves_the_status_what_it_is(argument: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    script = f"import sys; from cictl.root import main; sys.exit(main([{argument!r}]))"
    done = subprocess.run([sys.executable, "-c", script], stdout=writing, stderr=writing, check=False)
    os.close(writing)
    assert done.returncode == {"imgae": ExitCode.USAGE, "--version": 141}[argument]


def test_a_closed_pipe_is_quiet() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    argv = [sys.executable, "-m", "cictl", "config", "schema"]
    done = subprocess.run(argv, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("argv", [["--help"], ["doctor", "--help"], ["config", "schema"]])
def test_a_full_disk_is_no_bug(argv: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "cictl", *argv], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == ExitCode.FAR_SIDE_FAILED
    assert done.stderr.startswith("error: cannot write: No space left on device\nhint: ")
    assert "Exception ignored" not in done.stderr


def test_a_script_gets_the_reason_as_json(
    run: Run, fail_with: FailWith, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "error.json"
    monkeypatch.setenv("CICTL_ERROR_FILE", str(kept))
    redact("s3cret-token")
    fail_with(NotFound("there is no s3cret-token → é", hint="look again"))
    assert run("doctor").status == ExitCode.NOT_FOUND
    assert json.loads(kept.read_text(encoding="utf-8")) == {
        "message": "there is no [redacted] → é",
        "hint": "look again",
        "exitCode": 4,
    }


def test_a_reason_that_cannot_be_kept_changes_nothing(
    run: Run, fail_with: FailWith, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CICTL_ERROR_FILE", str(tmp_path / "none" / "error.json"))
    fail_with(NotFound("there is no such thing", hint="look again"))
    done = run("doctor")
    assert (done.status, done.stderr) == (4, "error: there is no such thing\nhint: look again\n")


def test_a_folder_that_is_gone_is_no_bug(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    outcome = run("pipeline", "run")
    assert outcome.status == ExitCode.NOT_FOUND
    assert "error: the folder that this was started in is gone\n" in outcome.stderr
