"""Real pushes to real repositories whose hook runs real, tiny pipelines."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cictl.clients.push_run_folder import RunFolder
from cictl.core.push_run import State
from tests.contract.push_server import NEEDS_JAVA, PROGRAMS, WAITS, Server
from tests.docs_pages import DOCS, blocks
from tests.docs_shell import Shell
from tests.files import replace_in, write_script

PAGE = DOCS / "how-to" / "run-on-push.md"
pytestmark = NEEDS_JAVA


def test_a_wish_that_is_unknown_is_told_and_the_push_is_run(server: Server) -> None:
    server.install()
    server.commit("true\n")
    said = server.push("HEAD:main", option="wait=some")
    assert "-o wait=some is unknown: it is wait, or wait=all" in said
    assert "run 1: main" in said
    server.until(server.are_over)


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
    server.until(server.are_over)
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
    server.until(lambda: server.trace("begun"))
    commits = []
    for _ in range(3):
        commits.append(server.commit(WAITS))
        server.push()
    server.push("HEAD:other")
    server.until(lambda: "other" in server.trace("begun"))
    (server.traces / "go").touch()
    server.until(server.are_over)
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
    server.until(server.are_over)
    runs = server.runs()
    assert [run["run"] for run in runs] == [1, 2, 3, 4]
    assert sorted((run["branch"], run["result"]) for run in runs) == [(f"b{n}", "NOT_BUILT") for n in range(4)]


HOSTILE = ["$(touch${IFS}pwned)", "-x", "a'b\"c`id`", "ünï/%2e%2e", "a" * 200]


def test_hostile_branches_are_names_and_no_more(server: Server) -> None:
    server.install()
    server.commit('printf "%s\\n" "$BRANCH_NAME" >> "$TRACES/names"\n')
    said = server.push(*(f"HEAD:refs/heads/{name}" for name in HOSTILE))
    server.until(server.are_over)
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


def test_old_runs_are_forgotten(server: Server) -> None:
    server.install("--keep", "2")
    for _ in range(4):
        server.commit()
        server.push("HEAD:main", option="wait")
    server.until(lambda: [run["run"] for run in server.runs()] == [3, 4])


def test_a_push_waits_for_no_cictl(server: Server) -> None:
    server.install()
    python = server.traces / "python"
    write_script(python, f'until [ -e "$TRACES/go" ]; do sleep 0.05; done; exec {sys.executable} "$@"')
    replace_in(server.bare / "hooks" / "post-receive", f"python={sys.executable}", f"python={python}")
    server.commit()
    assert "run 1: main" in server.push()
    assert [run.state for run in RunFolder(server.bare).runs()] == [State.QUEUED]
    (server.traces / "go").touch()
    server.until(server.are_over)


def test_the_page(server: Server, tmp_path: Path) -> None:
    Shell(tmp_path / "shell", server.environ).read(PAGE, blocks(PAGE))
