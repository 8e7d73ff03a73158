from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cictl.clients.buildkit import BuildKit
from cictl.core.image_source import BuildPlan
from cictl.errors import FarSideFailed, UsageProblem

HOST = "unix:///nowhere.sock"
IMAGE = f"sha256:{'a' * 64}"
PLAN = BuildPlan("/src", "/src/Dockerfile", "r.example/a:1", committed_at=1_700_000_000)
# A client that writes down how it was called; SUPPORTS says what it can do.
DOCKER = """#!/usr/bin/env python3
import json, os, sys
with open({record!r}, "a") as file:
    environ = {{key: os.environ[key] for key in os.environ if key.isupper()}}
    print(json.dumps([sys.argv[1:], environ, "" if "/src" in sys.argv else sys.stdin.read()]), file=file)
verb = "buildx" if sys.argv[1] == "buildx" else "build"
if verb not in {supports!r}:
    sys.exit("ERROR: BuildKit is enabled but the buildx component is missing or broken.")
for argument in sys.argv:
    if argument.startswith("--iidfile="):
        {script}
        open(argument.partition("=")[2], "w").write({image!r})
"""
Call = tuple[list[str], dict[str, str], str]
Install = Callable[..., BuildKit]


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "record"


@pytest.fixture
def install(tmp_path: Path, record: Path) -> Install:
    def put_docker_on_path(*supports: str, script: str = "", **environ: str) -> BuildKit:
        docker = tmp_path / "docker"
        docker.write_text(DOCKER.format(record=str(record), supports=supports, script=script, image=IMAGE))
        docker.chmod(0o755)
        return BuildKit({"PATH": f"{tmp_path}:{os.environ['PATH']}", **environ}, HOST)

    return put_docker_on_path


def calls(record: Path) -> list[Call]:
    return [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []


def ignore(_line: str) -> None:
    """Take progress, and do nothing with it."""


@pytest.mark.parametrize(
    ("supports", "begins"),
    [
        pytest.param(("buildx", "build"), ["buildx", "build", "--load"], id="buildx"),
        pytest.param(("build",), ["build", "--progress=plain"], id="built-in"),
    ],
)
def test_what_works_is_found_by_trying(install: Install, record: Path, supports: tuple[str], begins: list[str]) -> None:
    buildkit = install(*supports)
    assert buildkit.is_available()
    assert buildkit.build(PLAN, ignore) == IMAGE
    assert calls(record)[-1][0][: len(begins)] == begins


def test_trying_leaves_no_image(install: Install, record: Path) -> None:
    install("build").is_available()
    arguments, environ, dockerfile = calls(record)[-1]
    assert "--output=type=tar,dest=/dev/null" in arguments
    assert environ["DOCKER_BUILDKIT"] == "1"
    assert dockerfile.startswith("FROM scratch")


def test_it_is_tried_once(install: Install, record: Path) -> None:
    buildkit = install("build")
    assert [buildkit.is_available() for _ in range(3)] == [True] * 3
    assert len(calls(record)) == 2  # buildx, and what is built in


@pytest.mark.parametrize("environ", [{}, {"DOCKER_BUILDKIT": "1"}])
def test_a_client_without_buildx(install: Install, environ: dict[str, str]) -> None:
    buildkit = install(**environ)
    assert not buildkit.is_available()
    with pytest.raises(FarSideFailed, match="cannot be used"):
        buildkit.build(PLAN, ignore)


def test_no_client(tmp_path: Path) -> None:
    assert not BuildKit({"PATH": str(tmp_path)}, HOST).is_available()


def test_who_says_no_is_not_asked(install: Install, record: Path) -> None:
    assert not install("buildx", "build", DOCKER_BUILDKIT="0").is_available()
    assert calls(record) == []


def test_the_command_line(install: Install, record: Path) -> None:
    plan = BuildPlan(
        "/src",
        "/src/Dockerfile",
        "r.example/a:1",
        target="runtime",
        args={"BASE": "python:3", "TOKEN": "s3cret"},
        labels={"org.opencontainers.image.version": "1"},
        committed_at=1_700_000_000,
    )
    install("build", DOCKER_CONTEXT="other").build(plan, ignore)
    arguments, environ, _ = calls(record)[-1]
    assert {"--target=runtime", "--build-arg=BASE", "--build-arg=TOKEN", "--tag=r.example/a:1"} <= set(arguments)
    assert "--label=org.opencontainers.image.version=1" in arguments
    assert arguments[-1] == "/src"
    assert "s3cret" not in " ".join(arguments)
    assert (environ["TOKEN"], environ["BASE"]) == ("s3cret", "python:3")
    assert environ["SOURCE_DATE_EPOCH"] == "1700000000"
    assert environ["DOCKER_HOST"] == HOST
    assert "DOCKER_CONTEXT" not in environ


@pytest.mark.parametrize("name", ["PATH", "DOCKER_HOST", "HTTP_PROXY", "http_proxy", "BUILDKIT_HOST"])
def test_an_argument_that_would_change_the_client_is_refused(install: Install, name: str) -> None:
    with pytest.raises(UsageProblem, match=name):
        install("build").build(BuildPlan("/src", "/src/Dockerfile", "a:1", args={name: "else"}), ignore)


def test_the_environments_own_proxy_may_be_handed_on(install: Install, record: Path) -> None:
    plan = BuildPlan("/src", "/src/Dockerfile", "a:1", args={"HTTP_PROXY": "http://proxy"})
    install("build", HTTP_PROXY="http://proxy").build(plan, ignore)
    assert "--build-arg=HTTP_PROXY" in calls(record)[-1][0]


def test_progress_is_streamed_without_noise(install: Install) -> None:
    script = r'print("\x1b[1m#1 [1/1] RUN x\x1b[0m\n#1 sha256:abc\n\n#1 DONE", file=sys.stderr)'
    lines: list[str] = []
    install("build", script=script).build(PLAN, lines.append)
    assert lines == ["#1 [1/1] RUN x", "#1 DONE"]


def test_a_failure_names_the_step(install: Install) -> None:
    script = r'sys.exit("#1 [1/1] RUN x\n#1 0.1 said\n#1 ERROR: exit code: 3")'
    with pytest.raises(FarSideFailed) as caught:
        install("build", script=script).build(PLAN, ignore)
    assert caught.value.message == "the build failed at [1/1] RUN x: exit code: 3\n  said"


def test_an_interrupt_ends_the_client(install: Install, tmp_path: Path) -> None:
    started = tmp_path / "started"
    script = f'open({str(started)!r}, "w").write(str(os.getpid())); import time; time.sleep(60)'
    buildkit = install("build", script=script)
    buildkit.is_available()

    def interrupt() -> None:
        while not started.exists() or not started.read_text():
            time.sleep(0.01)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        buildkit.build(PLAN, ignore)
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)
