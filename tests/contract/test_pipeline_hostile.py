"""`cictl pipeline run` with what nobody hopes for: processes that will not end, odd names, files and output."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.contract.pipeline_cases import CACHE_HOME, built_runner
from tests.running import eventually

_COMMAND = [sys.executable, "-m", "cictl", "pipeline", "run"]
_LONGEST_SECONDS = 300  # of a machine with much to do
# Of the shells that `sh` starts here: a child that is deaf to SIGTERM, and a daemon in a session of its own.
_STUBBORN = """\
(trap '' TERM; while :; do sleep 1; done) & echo $! > deaf
setsid sh -c 'trap "" TERM; echo $$ > daemon; while :; do sleep 1; done' > /dev/null 2>&1 < /dev/null &
while [ ! -s daemon ]; do sleep 0.05; done; touch begun; sleep 60
"""
_STUBBORN_PIPELINE = f"""\
pipeline {{
  agent any
  stages {{ stage('Long') {{ steps {{ sh '''{_STUBBORN}''' }} }} }}
  post {{ aborted {{ sh 'touch post' }} }}
}}
"""


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    """Have no test wait for the runner to be built."""
    built_runner()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    inside = tmp_path / "mit Leer ü 漢"
    inside.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", CACHE_HOME)
    monkeypatch.chdir(inside)
    return inside


@contextmanager
def _started(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    Path("Jenkinsfile").write_text(_STUBBORN_PIPELINE)
    with subprocess.Popen(_COMMAND, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        eventually((folder / "begun").exists, seconds=_LONGEST_SECONDS)
        yield process


def _left(folder: Path) -> list[int]:
    pids = [int((folder / name).read_text()) for name in ("deaf", "daemon")]
    return [pid for pid in pids if _runs(pid)]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _runner_of(process: subprocess.Popen[bytes]) -> int:
    found = [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
    return next(pid for pid in found if Path(f"/proc/{pid}/comm").read_text().strip() == "java")


@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_ends_the_deaf_and_the_daemons_and_runs_post(
    folder: Path, sent: signal.Signals, status: int
) -> None:
    with _started(folder) as process:
        process.send_signal(sent)
        assert process.wait(_LONGEST_SECONDS) == status
    assert (folder / "post").exists()
    eventually(lambda: _left(folder) == [])


@pytest.mark.parametrize("sent", [signal.SIGHUP, signal.SIGKILL])
def test_a_killed_cictl_leaves_neither_the_runner_nor_its_children_nor_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch, sent: signal.Signals
) -> None:
    temporary = folder.parent / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    with _started(folder) as process:
        runner = _runner_of(process)
        assert list(temporary.iterdir()) != []
        process.send_signal(sent)
    eventually(lambda: not _runs(runner))
    eventually(lambda: _left(folder) == [])
    assert list(temporary.iterdir()) == []


def test_a_killed_runner_leaves_no_children(folder: Path) -> None:
    with _started(folder) as process:
        os.kill(_runner_of(process), signal.SIGKILL)
        assert process.wait(_LONGEST_SECONDS) == 9
    eventually(lambda: _left(folder) == [])


def test_the_background_ends_with_its_node_unless_it_asks_not_to(folder: Path) -> None:
    begun = "until [ $(cat /proc/$!/comm) = sleep ]; do sleep 0.05; done"
    steps = (
        f"sh 'setsid sleep 61 & echo $! > a; JENKINS_NODE_COOKIE=dontKillMe setsid sleep 600 & echo $! > b; {begun}'"
    )
    Path("Jenkinsfile").write_text(f"node {{ {steps} }}")
    done = _run("Jenkinsfile")
    assert done.returncode == 0, done.stderr
    ended, kept = (int((folder / name).read_text()) for name in ("a", "b"))
    assert _runs(kept)
    os.kill(kept, signal.SIGKILL)
    eventually(lambda: not _runs(ended))


def _run(*words: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*_COMMAND, *words], env={**os.environ, **environ}, capture_output=True, check=False, timeout=_LONGEST_SECONDS
    )


def test_two_runs_at_once_in_one_working_tree(folder: Path) -> None:
    Path("Jenkinsfile").write_text("node { sh 'echo $BUILD_NUMBER; sleep 0.3; echo $$ > out.$BUILD_NUMBER' }")
    both = [subprocess.Popen(_COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=_LONGEST_SECONDS) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sorted(path.name for path in folder.glob("out.*")) == ["out.1", "out.2"]


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_line_ends_of_windows_a_mark_tabs_and_odd_names(folder: Path, locale: str) -> None:
    lines = ["pipeline {", "\tagent any", "\tstages {", "\t\tstage('Bä u') {", "\t\t\tsteps {"]
    lines += ["\t\t\t\tsh '''", "echo one", "echo $LC_ALL", "'''", "\t\t\t\twriteFile file: 'ä b.txt', text: 'x'"]
    lines += ["\t\t\t\techo readFile('ä b.txt') + env.ODD", "\t\t\t}", "\t\t}", "\t}", "}", ""]
    Path("Jenkinsfile").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    done = _run("--workspace", str(folder.parent / "wörk space"), LC_ALL=locale, ODD="ö漢")
    said = done.stdout.decode().splitlines()
    assert done.returncode == 0, done.stderr.decode()
    assert f"[Bä u] {locale}" in said
    assert "[Bä u] xö漢" in said
    assert (folder.parent / "wörk space" / "ä b.txt").exists()


def test_ten_megabytes_of_output_come_whole() -> None:
    Path("Jenkinsfile").write_text("node { sh '#!/bin/sh\\nseq -f %099.0f 1 100000' }")
    done = _run()
    lines = done.stdout.splitlines()
    assert (done.returncode, len(lines)) == (0, 100_001)
    assert lines[99_999].endswith(b"100000")


def test_what_is_no_text_is_no_harm() -> None:
    script = "#!/bin/sh\\nhead -c 200000 /dev/urandom; echo; head -c 3000000 /dev/zero; echo; echo last"
    Path("Jenkinsfile").write_text(f"node {{ sh '{script}' }}")
    done = _run("-o", "json")
    assert done.returncode == 0, done.stderr
    assert [each["text"] for each in json.loads(done.stdout)["events"] if each["event"] == "log"][-1] == "last"


def test_a_line_that_takes_long_to_tell_comes_before_what_is_said_after_it() -> None:
    script = "#!/bin/sh\\nprintf %010000000d 0; echo; echo last"
    Path("Jenkinsfile").write_text(f"node {{ sh '{script}'; echo 'after' }}")
    done = _run()
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1:3] == [b"last", b"after"]


def test_a_git_server_that_never_answers_is_left_at_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"git://127.0.0.1:{silent.getsockname()[1]}/checkout"
        fetch = f"dir('c') {{ git url: '{url}' }}"
        Path("Jenkinsfile").write_text(f"node {{ timeout(time: 1, unit: 'SECONDS') {{ {fetch} }} }}")
        done = _run()
    assert done.returncode == 8, done.stderr
    assert b"Timeout has been exceeded" in done.stderr


def test_a_shell_that_closes_its_output_is_waited_for(folder: Path) -> None:
    Path("Jenkinsfile").write_text("node { sh 'exec >&- 2>&-; sleep 0.5; touch late; exit 3' }")
    done = _run()
    assert done.returncode == 9
    assert b"exit code 3" in done.stderr
    assert (folder / "late").exists()


def test_secrets_are_masked_however_they_come_out() -> None:
    secret = "s3cr3t-välue"
    multi = "-----BEGIN-----\n{\n  first-line-of-it\n}\n-----END-----\n"
    Path("key").write_text(multi)
    Path("Jenkinsfile").write_text("""\
node {
  withCredentials([string(credentialsId: 'one', variable: 'ONE'), file(credentialsId: 'key', variable: 'KEY')]) {
    sh '''#!/bin/sh
      printf '%s' "${ONE%${ONE#????}}"; sleep 0.3; echo "${ONE#????}"
      head -c 8190 /dev/zero | tr '\\\\0' x; echo "$ONE"
      cat "$KEY"; echo '{ "kept": "}" }'
      printf '%s\\r%s\\n' "$ONE" "$ONE" >&2
    '''
    echo "${sh(script: 'echo $ONE', returnStdout: true)}"
    error "it was ${ONE}"
  }
}
""")
    done = _run("--credential", "one=ONE", "--credential", "key=key", "-o", "json", ONE=secret)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 9
    assert [word for word in (secret, "välue", "first-line-of-it", "BEGIN") if word in said] == []
    assert '{ \\"kept\\": \\"}\\" }' in said
