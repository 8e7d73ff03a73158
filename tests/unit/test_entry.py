"""What was printed before of the same files is printed again at once; anything else is asked anew."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cictl import entry, root
from cictl.errors import ExitCode

Edit = Callable[[], object]
Line = Callable[..., tuple[int, str, str]]
RENDER = ("jobs", "render", "-r", "tree", "--ini", "jobs.ini")
ALONE = """\
import sys
from cictl.clients import job_builder_cache, job_builder_lines
job_builder_cache._TICK_NANOSECONDS = job_builder_lines.COARSE_TICK_NANOSECONDS = 0
from cictl.entry import main
status = main()
sys.exit(status + 100 * ("click" in sys.modules))
"""


@pytest.fixture(autouse=True)
def _tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a tree whose files count as settled at once: a test's are young, and their ctime cannot be set back."""
    monkeypatch.setattr("cictl.clients.job_builder_cache._TICK_NANOSECONDS", 0)
    monkeypatch.setattr("cictl.clients.job_builder_lines.COARSE_TICK_NANOSECONDS", 0)
    monkeypatch.chdir(tmp_path)
    _write("tree/a.yaml", "- job: {name: a, description: d}\n")
    _write("jobs.ini", "[jenkins]\nuser=u\npassword=x\n")


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Line:
    def enter(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["cictl", *words])
        status = int(entry.main())
        return status, *capsys.readouterr()

    return enter


def _write(name: str, text: str) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text)


def _alone(*words: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    """Enter WORDS in a process of its own, whose status is 100 more where Click was needed."""
    command = [sys.executable, "-c", ALONE, *words]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, check=False)


def test_the_same_line_of_the_same_files_needs_no_click() -> None:
    first, second = _alone(*RENDER), _alone(*RENDER)
    assert (first.returncode, second.returncode, second.stderr) == (100, 0, "")
    assert "<description>d" in first.stdout == second.stdout


@pytest.mark.parametrize(
    "words",
    [("jobs", "render", "-r", "./tree", "--ini", "jobs.ini"), ("-v", *RENDER), (*RENDER, "--job", "a")],
    ids=["spelt-otherwise", "asks-for-a-log", "asks-for-some"],
)
def test_another_line_is_understood_anew(words: tuple[str, ...]) -> None:
    printed, done = _alone(*RENDER).stdout, _alone(*words)
    assert (done.returncode, done.stdout) == (100, printed)


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda: _write("tree/a.yaml", "- job: {name: a, description: e}\n"), id="file-of-the-same-size"),
        pytest.param(lambda: _write("tree/b.yaml", "- job: {name: b}\n"), id="another-file"),
        pytest.param(lambda: _write("jobs.ini", "[job_builder]\nkeep_descriptions=True\n"), id="ini"),
        pytest.param(lambda: _write("tree/plugins_info.yaml", "- {shortName: git, version: 5.0.0}\n"), id="plugins"),
    ],
)
def test_whatever_changed_is_looked_at(line: Line, monkeypatch: pytest.MonkeyPatch, edit: Edit) -> None:
    line(*RENDER)
    edit()
    changed = line(*RENDER)
    assert changed == _of_the_program(line, monkeypatch)
    assert changed[0] == 0


@pytest.mark.parametrize("name", ["JJB_CONF", "CICTL_LOG_FORMAT", "XDG_STATE_HOME"])
def test_a_variable_that_may_concern_it_counts(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    _alone(*RENDER)
    monkeypatch.setenv(name, "json")
    assert _alone(*RENDER).returncode == 100


def _of_the_program(line: Line, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    with monkeypatch.context() as patched:
        patched.setattr(entry, "main", root.main)
        return line(*RENDER)


def test_a_file_written_just_now_is_not_trusted_by_its_times(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cictl.clients.job_builder_lines.COARSE_TICK_NANOSECONDS", 60_000_000_000)
    line(*RENDER)
    assert not (Path(os.environ["XDG_CACHE_HOME"]) / "cictl" / "lines").exists()


def test_what_is_said_beside_the_text_is_said_each_time(line: Line) -> None:
    Path("empty").mkdir()
    assert line("jobs", "render", "-r", "empty") == line("jobs", "render", "-r", "empty")
    assert "makes no job" in line("jobs", "render", "-r", "empty")[2]


def test_what_another_program_wrote_among_the_lines_is_not_read(line: Line) -> None:
    printed = line(*RENDER)[1]
    (kept,) = (Path(os.environ["XDG_CACHE_HOME"]) / "cictl" / "lines").iterdir()
    for text in ("", "[]", "{}", '{"rendering": "../../x", "beside": {}}', '{"rendering": 1, "beside": []}', "\0"):
        kept.write_text(text)
        assert line(*RENDER) == (0, printed, "")


def test_a_secret_of_the_ini_is_kept_nowhere(line: Line) -> None:
    _write("jobs.ini", "[jenkins]\nuser=u\npassword=hunter2hunter2\n")
    line(*RENDER)
    kept = [path for path in Path(os.environ["XDG_CACHE_HOME"]).rglob("*") if path.is_file()]
    assert len(kept) == 2
    assert not any(b"hunter2" in path.read_bytes() for path in kept)


def test_a_full_disk_is_worded_as_ever() -> None:
    _alone(*RENDER)
    with Path("/dev/full").open("w") as full:
        done = _alone(*RENDER, stdout=full.fileno())
    assert done.returncode == ExitCode.FAR_SIDE_FAILED + 100
    assert "No space left" in done.stderr


def test_a_closed_pipe_ends_it_as_ever() -> None:
    _alone(*RENDER)
    reader, writer = os.pipe()
    os.close(reader)
    done = _alone(*RENDER, stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (241, "")


@pytest.mark.parametrize("words", [("--version",), ("jobs", "render", "--help"), ("imgae",), ()])
def test_all_else_is_the_program_s(line: Line, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    entered = line(*words)
    monkeypatch.setattr(entry, "main", root.main)
    assert entered == line(*words)
