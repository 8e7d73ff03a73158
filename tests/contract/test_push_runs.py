"""Real pushes to real repositories whose hook runs real, tiny pipelines."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cictl.clients.push_run_folder import RunFolder
from cictl.core.push_run import State
from tests.contract.pipeline_cases import CACHE_HOME
from tests.docs_pages import DOCS, blocks
from tests.docs_shell import Shell

PROGRAMS = Path(sys.executable).parent
PAGE = DOCS / "how-to" / "run-on-push.md"
JENKINSFILE = "node { sh 'sh ./do' }\n"
pytestmark = pytest.mark.skipif(not shutil.which("java"), reason="needs Java")


@dataclass
class Server:
    """A bare repository, a clone to push from, and a folder in which runs leave traces."""

    bare: Path
    clone: Path
    traces: Path
    environ: dict[str, str]

    def git(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["git", "-C", str(self.clone), *words],
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0 or not check, done.stderr
        return done

    def cictl(self, *words: str, check: bool = True) -> str:
        command = [str(PROGRAMS / "cictl"), *words]
        done = subprocess.run(command, env=self.environ, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout if check else done.stdout + done.stderr

    def install(self, *words: str) -> str:
        return self.cictl("hook", "install", "--run", str(self.bare), "--variable", "TRACES", *words, "-o", "name")

    def commit(self, script: str | None = None) -> str:
        """Commit a pipeline that does SCRIPT; without one no pipeline, which is run as nothing, and at once."""
        if script is None:
            (self.clone / "Jenkinsfile").unlink(missing_ok=True)
        (self.clone / "do").write_text(script or "", encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "more")
        return self.git("rev-parse", "HEAD").stdout.strip()

    def push(self, *refs: str, option: str | None = None) -> str:
        options = [] if option is None else ["--push-option", option]
        return self.git("push", *options, str(self.bare), *(refs or ("HEAD:main",))).stderr

    def runs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.cictl("hook", "runs", str(self.bare), "-o", "json"))["runs"]
        return found[::-1]

    def are_over(self) -> bool:
        return all(run.is_over for run in RunFolder(self.bare).runs())

    def trace(self, name: str) -> str:
        with suppress(FileNotFoundError):
            return (self.traces / name).read_text(encoding="utf-8")
        return ""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environ |= {"PATH": f"{PROGRAMS}:{environ['PATH']}", "XDG_STATE_HOME": str(tmp_path / "state")}
    environ["XDG_CACHE_HOME"] = CACHE_HOME  # the runner is built once for all tests
    environ |= {"TRACES": str(tmp_path / "traces"), "GIT_CONFIG_GLOBAL": os.devnull}
    for who in ("AUTHOR", "COMMITTER"):
        environ |= {f"GIT_{who}_NAME": "dev", f"GIT_{who}_EMAIL": "dev@localhost"}
    made = Server(tmp_path / "it's a shop.git", tmp_path / "clone", tmp_path / "traces", environ)
    made.traces.mkdir()
    subprocess.run(["git", "init", "--quiet", "--bare", str(made.bare)], check=True)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", str(made.clone)], check=True)
    (made.clone / "Jenkinsfile").write_text(JENKINSFILE, encoding="utf-8")
    yield made
    (made.traces / "go").touch()
    for pid in _workers(made.bare):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _workers(bare: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdecimal() and f"hook\0work\0{bare}".encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def _until(holds: Callable[[], object], seconds: float = 300.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.05)


WAITS = 'echo "$BRANCH_NAME $GIT_COMMIT" >> "$TRACES/begun"; until [ -e "$TRACES/go" ]; do sleep 0.05; done\n'


def test_a_push_is_run_from_a_clean_checkout_and_the_pusher_told(server: Server) -> None:
    assert server.install() == "hook/created\n"
    assert server.install() == "hook/unchanged\n"
    commit = server.commit('env > "$TRACES/env"; pwd; git status --short; git branch --show-current; ls\n')
    said = server.push("HEAD:main", option="wait=all")
    assert f"remote: cictl: run 1: main {commit[:7]}" in said
    assert "remote: Jenkinsfile" in said
    assert "run 1: success" in said
    leaked = {line.partition("=")[0] for line in server.trace("env").splitlines() if line.startswith("GIT_")}
    assert leaked == {"GIT_BRANCH", "GIT_COMMIT", "GIT_URL"}
    (run,) = server.runs()
    assert (run["branch"], run["commit"], run["result"]) == ("main", commit, "SUCCESS")
    assert list((server.bare / "cictl-runs" / "work").iterdir()) == []
    server.commit("exit 3\n")
    assert "cictl hook log" in server.push()
    _until(server.are_over)
    assert "exit 9" in f"exit {_status(server, 'hook', 'log', str(server.bare), '2', '--follow')}"
    assert "exit code 3" in server.cictl("hook", "log", str(server.bare), "2")
    assert server.runs()[1]["why"] == "script returned exit code 3"


def _status(server: Server, *words: str) -> int:
    command = [str(PROGRAMS / "cictl"), *words]
    return subprocess.run(command, env=server.environ, capture_output=True, check=False, timeout=300).returncode


def test_one_at_a_time_for_a_branch_the_newest_and_several_side_by_side(server: Server) -> None:
    server.install()
    first = server.commit(WAITS)
    server.push()
    _until(lambda: server.trace("begun"))
    commits = []
    for _ in range(3):
        commits.append(server.commit(WAITS))
        server.push()
    server.push("HEAD:other")
    _until(lambda: "other" in server.trace("begun"))
    (server.traces / "go").touch()
    _until(server.are_over)
    assert sorted(server.trace("begun").splitlines()) == sorted(
        [f"main {first}", f"main {commits[-1]}", f"other {commits[-1]}"]
    )
    found = [(run["run"], run["state"], run["supersededBy"]) for run in server.runs()]
    assert found == [
        (1, "ended", None),
        (2, "superseded", 4),
        (3, "superseded", 4),
        (4, "ended", None),
        (5, "ended", None),
    ]


def test_pushes_at_the_same_moment_lose_none(server: Server) -> None:
    server.install()
    server.commit()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: server.push(f"HEAD:b{n}"), range(4)))
    _until(server.are_over)
    runs = server.runs()
    assert [run["run"] for run in runs] == [1, 2, 3, 4]
    assert sorted((run["branch"], run["result"]) for run in runs) == [(f"b{n}", "NOT_BUILT") for n in range(4)]


@pytest.mark.parametrize("with_all", [False, True], ids=["worker", "worker-and-pipeline"])
def test_a_worker_that_is_killed(server: Server, *, with_all: bool) -> None:
    server.install()
    commit = server.commit(WAITS)
    server.push()
    _until(lambda: server.trace("begun"))
    (worker,) = _workers(server.bare)
    doomed = _children(worker) if with_all else []
    for pid in (worker, *doomed):
        os.kill(pid, signal.SIGKILL)
    folder = RunFolder(server.bare)
    if with_all:
        _until(lambda: folder.seen(folder.run(1)).state is State.BROKEN_OFF)
        assert "broken-off" in server.cictl("hook", "runs", str(server.bare))
    server.push("HEAD:other")
    _until(lambda: "other" in server.trace("begun"))
    (server.traces / "go").touch()
    _until(server.are_over)
    begun = [line for line in server.trace("begun").splitlines() if line == f"main {commit}"]
    assert len(begun) == (2 if with_all else 1)  # what outlives its worker is not begun again
    assert [(run["branch"], run["result"]) for run in server.runs()] == [("main", "SUCCESS"), ("other", "SUCCESS")]


def _children(pid: int) -> list[int]:
    found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    for task in Path(f"/proc/{pid}/task").iterdir():  # a thread's children are its own
        found += [int(child) for child in (task / "children").read_text().split() if int(child) not in found]
    return [*found, *(below for child in found for below in _children(child))]


def test_what_a_dead_machine_left_is_worked_off_by_hand(server: Server) -> None:
    server.install()
    hook = server.bare / "hooks" / "post-receive"
    text = hook.read_text(encoding="utf-8")
    hook.write_text(text.replace("start_worker &", ":"), encoding="utf-8")
    server.commit()
    server.push()
    assert [run["state"] for run in server.runs()] == ["queued"]
    server.cictl("hook", "work", str(server.bare))
    assert [run["result"] for run in server.runs()] == ["NOT_BUILT"]


HOSTILE = ["$(touch${IFS}pwned)", "-x", "a'b\"c`id`", "ünï/%2e%2e", "a" * 200]


def test_hostile_branches_are_names_and_no_more(server: Server) -> None:
    server.install()
    server.commit('printf "%s\\n" "$BRANCH_NAME" >> "$TRACES/names"\n')
    said = server.push(*(f"HEAD:refs/heads/{name}" for name in HOSTILE))
    _until(server.are_over)
    assert sorted(server.trace("names").splitlines()) == sorted(HOSTILE)
    assert all(run["result"] == "SUCCESS" for run in server.runs())
    assert all(f": {name} " in said for name in HOSTILE)
    assert not list(server.bare.parent.rglob("*pwned"))


def test_tags_deletions_and_commits_without_a_pipeline(server: Server) -> None:
    server.install()
    server.commit()
    assert "run 1: not_built" in server.push("HEAD:bare", option="wait")
    said = server.push("HEAD:refs/tags/v1", ":bare")
    assert "tag v1: nothing is run for tags" in said
    assert "branch bare deleted: nothing to run" in said
    assert [run["why"] for run in server.runs()] == ["this commit has no Jenkinsfile"]


def test_a_pipeline_that_cannot_be_read_says_why(server: Server) -> None:
    server.install()
    (server.clone / "Jenkinsfile").write_text("pipeline { agent any; stagez { } }\n", encoding="utf-8")
    server.commit("")
    assert 'Undefined section "stagez"' in server.push("HEAD:main", option="wait")
    assert "stagez" in server.runs()[0]["why"]


def test_a_queue_that_cannot_be_written_fails_no_push(server: Server) -> None:
    server.install()
    runs = server.bare / "cictl-runs" / "runs"
    runs.rmdir()
    runs.write_text("in the way", encoding="utf-8")
    server.commit()
    assert "is NOT run" in server.push()
    runs.unlink()


def test_a_disk_that_is_full_fails_no_push(server: Server) -> None:
    server.install()
    hook = server.bare / "hooks" / "post-receive"
    text = hook.read_text(encoding="utf-8")
    hook.write_text(text.replace('of="$folder/request.new"', "of=/dev/full"), encoding="utf-8")
    server.commit()
    assert "is NOT run" in server.push("HEAD:main", "HEAD:other")
    assert list((server.bare / "cictl-runs" / "runs").iterdir()) == []


def test_a_cictl_that_is_gone_fails_no_push_and_is_caught_up_with(server: Server) -> None:
    server.install()
    hook = server.bare / "hooks" / "post-receive"
    text = hook.read_text(encoding="utf-8")
    hook.write_text(text.replace(f"python={sys.executable}", "python=/nowhere/python"), encoding="utf-8")
    server.commit()
    assert "/nowhere/python is gone" in server.push("HEAD:main", option="wait")
    hook.write_text(text, encoding="utf-8")
    server.push("HEAD:other")
    _until(server.are_over)
    assert [run["result"] for run in server.runs()] == ["NOT_BUILT", "NOT_BUILT"]


def test_the_hook_before_goes_on_and_comes_back(server: Server) -> None:
    hook = server.bare / "hooks" / "post-receive"
    hook.write_text('#!/bin/sh\ncat > "$TRACES/stdin"; echo chained; exit 7\n', encoding="utf-8")
    hook.chmod(0o755)
    server.install()
    commit = server.commit()
    said = server.push("HEAD:main", option="wait")
    assert "remote: chained" in said
    assert "run 1: not_built" in said
    assert server.trace("stdin").endswith(f" {commit} refs/heads/main\n")
    server.cictl("hook", "remove", str(server.bare))
    assert "chained" in hook.read_text(encoding="utf-8")
    assert not (server.bare / "cictl-runs" / "settings.json").exists()
    assert len(server.runs()) == 1
    config = ["git", "-C", str(server.bare), "config", "receive.advertisePushOptions"]
    assert subprocess.run(config, check=False).returncode == 1


def test_old_runs_are_forgotten(server: Server) -> None:
    server.install("--keep", "2")
    for _ in range(4):
        server.commit()
        server.push("HEAD:main", option="wait")
    _until(lambda: [run["run"] for run in server.runs()] == [3, 4])


def test_credentials_and_variables_are_named_and_kept_for_the_owner(server: Server, tmp_path: Path) -> None:
    secret = tmp_path / "login"
    secret.write_text("ann:h4rd-to-guess\n", encoding="utf-8")
    server.environ["SPECIAL"] = "told nobody"
    server.install("--credential", f"login={secret}", "--variable", "SPECIAL")
    settings = server.bare / "cictl-runs" / "settings.json"
    assert settings.stat().st_mode & 0o077 == 0
    shown = server.cictl("hook", "show", str(server.bare))
    assert "SPECIAL" in shown
    assert "told nobody" not in shown
    (server.clone / "Jenkinsfile").write_text(
        "node { withCredentials([usernameColonPassword(credentialsId: 'login', variable: 'LOGIN')]) "
        "{ sh 'echo $LOGIN $SPECIAL' } }\n",
        encoding="utf-8",
    )
    server.commit("")
    said = server.push("HEAD:main", option="wait=all")
    assert "told nobody" in said
    assert "h4rd-to-guess" not in said
    everything = [
        path.read_text(errors="replace") for path in (server.bare / "cictl-runs").rglob("*") if path.is_file()
    ]
    assert not any("h4rd-to-guess" in text for text in everything)


def test_a_push_is_as_quick_as_before(server: Server) -> None:
    server.commit()

    def fastest(branch: str) -> float:
        times = []
        for number in range(5):
            began = time.monotonic()
            server.push(f"HEAD:{branch}{number}")
            times.append(time.monotonic() - began)
        return min(times)

    without = fastest("a")
    server.install()
    with_hook = fastest("b")
    assert with_hook - without < 0.5  # a run takes longer than that to begin
    _until(server.are_over)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--run", "git@example.com:shop.git"), 2, "on another machine"),
        (("--run", "{bare}", "--service", "checkout"), 2, "--service excludes --run"),
        (("{bare}", "--jenkinsfile", "x"), 2, "--jenkinsfile is for --run"),
        (("{bare}", "--timeout", "1h"), 2, "--timeout is for --run"),
        (("--run", "{bare}", "--timeout", "0s"), 2, "longer than 0s"),
        (("--run", "{bare}", "--jenkinsfile", "../x"), 2, "no file of the repository"),
        (("--run", "{bare}", "--credential", "a=/nowhere"), 4, "neither such a file nor such a variable"),
        (("--run", "{bare}", "--variable", "NOT_THERE"), 4, "no environment variable NOT_THERE"),
        (("--run", "{bare}", "--library", "a=/nowhere"), 4, "no such folder"),
        (("--run", "/nowhere"), 4, "no Git repository"),
    ],
)
def test_what_cannot_be_installed(server: Server, words: tuple[str, ...], status: int, said: str) -> None:
    command = [str(PROGRAMS / "cictl"), "hook", "install", *(word.format(bare=server.bare) for word in words)]
    done = subprocess.run(command, env=server.environ, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, said in done.stderr) == (status, True), done.stderr
    assert not (server.bare / "hooks" / "post-receive").exists()


def test_hooks_of_both_kinds_exclude_each_other_and_edits_are_seen(server: Server) -> None:
    server.install()
    token = server.traces / "token"
    token.write_text("3ae01cd6c7243b0353f21495c9963735\n", encoding="utf-8")
    jenkins = ("--url", "http://localhost:1", "--repo-url", "https://git.example.com/x.git", "--token-file", str(token))
    assert "runs pipelines by itself" in server.cictl("hook", "install", str(server.bare), *jenkins, check=False)
    hook = server.bare / "hooks" / "post-receive"
    hook.write_text(hook.read_text(encoding="utf-8") + "echo mine\n", encoding="utf-8")
    assert "edited by hand" in server.cictl("hook", "install", "--run", str(server.bare), check=False)
    assert "edited by hand" in server.cictl("hook", "remove", str(server.bare), check=False)
    assert "edited by hand" in server.cictl("hook", "show", str(server.bare))


def test_the_page(server: Server, tmp_path: Path) -> None:
    Shell(tmp_path / "shell", server.environ).read(PAGE, blocks(PAGE))
