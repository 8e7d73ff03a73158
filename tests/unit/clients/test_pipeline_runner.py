"""The runner's process and its builds, with programs in the place of Java and Maven."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cictl.clients import pipeline_build
from cictl.clients.java import Java
from cictl.clients.pipeline_build import RunnerBuilds
from cictl.clients.pipeline_runner import RunnerSession
from cictl.errors import FarSideFailed, NotAllowed, NotFound
from tests.running import eventually

END = '{"event":"finished","result":"SUCCESS","seconds":1}'
REQUEST = {"jenkinsfile": "/J"}


@contextmanager
def _session(tmp_path: Path, script: str) -> Iterator[RunnerSession]:
    program = tmp_path / "runner.py"
    program.write_text(f"import os, signal, subprocess, sys, time\nevents = open(sys.argv[1], 'w')\n{script}\n")
    with (tmp_path / "said").open("w+b") as said:
        session = RunnerSession((sys.executable, str(program)), os.environ, said)
        try:
            yield session
        finally:
            session.close()


def test_it_gets_the_request_and_answers_and_its_events_come(tmp_path: Path) -> None:
    script = f"""\
for line in sys.stdin:
    print(line, file=sys.stderr, flush=True)
    if "answer" in line:
        break
print('{END}', file=events, flush=True)
"""
    with _session(tmp_path, script) as session:
        session.send(REQUEST)
        session.answer("i", approve=True, values={"A": "b"})
        assert [event["event"] for event in session.events()] == ["finished"]
    said = (tmp_path / "said").read_text()
    assert '{"jenkinsfile": "/J"}' in said
    assert '{"answer": "i", "approve": true, "values": {"A": "b"}}' in said


def _talking(*kinds: str) -> str:
    """Return a runner that tells events of KINDS at once, and its end when it is told to stop."""
    told = [f'{{"event":"{kind}"}}' for kind in kinds]
    return f"print({chr(10).join(told)!r}, file=events, flush=True)\nsys.stdin.readline()\nprint('{END}', file=events)"


def _interrupt(session: RunnerSession, taken: list[str], *, times: int = 1) -> None:
    """Take events; while the first is taken in, Ctrl-C is pressed so many TIMES."""
    for event in session.events():
        for _ in range(0 if taken else times):
            os.kill(os.getpid(), signal.SIGINT)
        taken.append(event["event"])


def test_a_signal_interrupts_between_two_events_and_loses_none(tmp_path: Path) -> None:
    taken: list[str] = []
    with _session(tmp_path, _talking("stage", "log", "stage-end")) as session, session.signals.caught():
        with pytest.raises(KeyboardInterrupt):
            _interrupt(session, taken)
        assert taken[0] == "stage"
        session.abort("stop")
        taken += [event["event"] for event in session.events()]
    assert taken == ["stage", "log", "stage-end", "finished"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(("kind", "times"), [("input", 1), ("stage", 2)])
def test_a_signal_ends_a_question_and_a_second_one_ends_anything(tmp_path: Path, kind: str, times: int) -> None:
    taken: list[str] = []
    with _session(tmp_path, _talking(kind)) as session, session.signals.caught():
        with pytest.raises(KeyboardInterrupt):
            _interrupt(session, taken, times=times)
        assert taken == []


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param("sys.exit('OutOfMemoryError: heap')", "heap", id="it-dies-with-words"),
        pytest.param("os._exit(3)", "exit status 3", id="it-dies-without"),
        pytest.param("print('no json', file=events, flush=True)", "no json", id="it-talks-nonsense"),
    ],
)
def test_a_runner_that_breaks_off_is_reported(tmp_path: Path, script: str, said: str) -> None:
    with _session(tmp_path, script) as session, pytest.raises(FarSideFailed, match=said):
        list(session.events())


def test_what_it_leaves_behind_is_ended(tmp_path: Path) -> None:
    script = """\
left = subprocess.Popen(["sleep", "600"], start_new_session=True)
print('{"event":"process","pid":%d}' % left.pid, file=events, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    with _session(tmp_path, script) as session, pytest.raises(FarSideFailed):
        list(session.events())
    pids = session._sessions
    assert len(pids) == 1
    eventually(lambda: not any(_runs(pid) for pid in pids))


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.fixture
def java(tmp_path: Path) -> Java:
    """Make a JDK whose programs leave a trace, and make a jar."""
    tools = tmp_path / "jdk" / "bin"
    tools.mkdir(parents=True)
    for name, does in {"java": "true", "javac": "true", "jar": 'touch "$2"'}.items():
        _program(tools / name, f'echo {name} >> "{tmp_path}/trace"; {does}')
    return Java(tmp_path / "jdk", "17.0.1")


def _program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a Maven that brings one jar, which is the one that is wanted."""
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "A.java").write_text("class A {}")
    (sources / "whitelist.txt").write_text("method java.lang.Object toString\n")
    checksum = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"  # of "foo"
    (sources / "checksums.sha256").write_text(f"{checksum}  groovy.jar\n")
    monkeypatch.setattr(pipeline_build, "SOURCES", sources)
    folder = tmp_path / "maven"
    folder.mkdir()
    _program(
        folder / "mvn", f'echo mvn >> "{tmp_path}/trace"; for a; do d="${{a#*=}}"; done; printf foo > "$d/groovy.jar"'
    )
    return folder


def _builds(tmp_path: Path, java: Java, maven: Path) -> RunnerBuilds:
    environ = {"PATH": f"{maven}:/usr/bin:/bin"}
    return RunnerBuilds(tmp_path / "cache", java, environ=environ, say=lambda _: None)


def _trace(tmp_path: Path) -> list[str]:
    return (tmp_path / "trace").read_text().split()


def test_it_is_built_once(tmp_path: Path, java: Java, maven: Path) -> None:
    command = _builds(tmp_path, java, maven).runner().command
    assert _builds(tmp_path, java, maven).runner().command == command
    assert _trace(tmp_path) == ["mvn", "javac", "jar", "java"]
    assert command[0] == str(java.java)
    assert "groovy.jar:" in command[-2]


def test_other_sources_are_built_anew(tmp_path: Path, java: Java, maven: Path) -> None:
    _builds(tmp_path, java, maven).runner()
    (tmp_path / "sources" / "A.java").write_text("class A { int changed; }")
    _builds(tmp_path, java, maven).runner()
    assert _trace(tmp_path).count("javac") == 2


def test_a_build_that_was_interrupted_is_done_again(tmp_path: Path, java: Java, maven: Path) -> None:
    _builds(tmp_path, java, maven).runner()
    (built,) = (path for path in (tmp_path / "cache").iterdir() if path.is_dir())
    (built / "complete").unlink()
    (built / "half.jar").touch()
    assert "half.jar" not in _builds(tmp_path, java, maven).runner().command[-2]


def test_another_jar_than_the_one_wanted_is_refused(tmp_path: Path, java: Java, maven: Path) -> None:
    (tmp_path / "sources" / "checksums.sha256").write_text("0000  groovy.jar\n")
    with pytest.raises(FarSideFailed, match=r"groovy\.jar, which Maven brought, is not the file"):
        _builds(tmp_path, java, maven).runner()
    assert "javac" not in _trace(tmp_path)


def test_a_jar_that_does_not_come_is_named(tmp_path: Path, java: Java, maven: Path) -> None:
    with (tmp_path / "sources" / "checksums.sha256").open("a") as checksums:
        checksums.write("0000  cps.jar\n")
    with pytest.raises(FarSideFailed, match=r"did not bring cps\.jar"):
        _builds(tmp_path, java, maven).runner()


def test_mavens_failure_is_shown(tmp_path: Path, java: Java, maven: Path) -> None:
    _program(maven / "mvn", "echo 'no route to the mirror'; exit 1")
    with pytest.raises(FarSideFailed, match="no route to the mirror"):
        _builds(tmp_path, java, maven).runner()


def test_without_maven_it_says_what_to_install(tmp_path: Path, java: Java) -> None:
    builds = RunnerBuilds(tmp_path / "cache", java, environ={"PATH": str(tmp_path)}, say=lambda _: None)
    for needs_it in (builds.require_tools, builds.runner):
        with pytest.raises(NotFound) as caught:
            needs_it()
        assert "apt-get install maven" in str(caught.value.hint)


def test_what_is_built_needs_no_maven_any_more(tmp_path: Path, java: Java, maven: Path) -> None:
    command = _builds(tmp_path, java, maven).runner().command
    (maven / "mvn").unlink()
    builds = RunnerBuilds(tmp_path / "cache", java, environ={"PATH": ""}, say=lambda _: None)
    builds.require_tools()
    assert builds.runner().command == command


def test_old_builds_go_but_for_the_last_and_those_in_use(tmp_path: Path, java: Java, maven: Path) -> None:
    names = [f"{number:016x}" for number in range(6)]
    for age, name in enumerate(names):
        (tmp_path / "cache" / name).mkdir(parents=True)
        done = tmp_path / "cache" / name / "complete"
        done.touch()
        os.utime(done, (1_000_000 - age, 1_000_000 - age))
    os.utime(tmp_path / "cache" / names[3] / "complete")  # just used, maybe about to start
    (tmp_path / "cache" / names[5] / "complete").unlink()  # broken off
    (tmp_path / "cache" / "mine").mkdir()
    words = [sys.executable, "-c", "input()", str(tmp_path / "cache" / names[4] / "runner.jar")]
    with subprocess.Popen(words, stdin=subprocess.PIPE) as process:
        eventually(lambda: names[4] in Path(f"/proc/{process.pid}/cmdline").read_text())
        _builds(tmp_path, java, maven).runner()
    left = {path.name for path in (tmp_path / "cache").iterdir() if path.is_dir()}
    assert {name for name in names if name in left} == {names[0], names[3], names[4]}
    assert "mine" in left
    assert len(left) == 5  # and the new one


def test_a_cache_that_cannot_be_written_is_said_in_plain_words(
    tmp_path: Path, java: Java, maven: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("cictl.clients.pipeline_build.fcntl.flock", refuse)
    with pytest.raises(NotAllowed, match=r"cache .*: Read-only file system") as caught:
        _builds(tmp_path, java, maven).runner()
    assert "XDG_CACHE_HOME" in str(caught.value.hint)
