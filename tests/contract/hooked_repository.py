"""A repository with our hook, pushes to it, and a server that answers calls as Jenkins was recorded to."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from cictl.clients.hook_host import HookHost, hook_body
from cictl.core.push_hook_plan import Standing
from cictl.core.push_hook_text import HookSettings
from cictl.core.repository_place import RepositoryPlace
from cictl.services.push_hooks import install_hook
from tests.files import replace_in
from tests.running import eventually

_LONGEST_SECONDS = 300  # of a machine with much to do
RECORDED = Path(__file__).parents[3] / "shared" / "jenkins-contract" / "2.516.2" / "push-triggers.json"
TOKEN = "3ae01cd6c7243b0353f21495c9963735"
REPO = "https://git.example.com/shop/checkout.git?a=1&b=ü +"
SHELLS = [
    pytest.param(shell, id=shell.split()[0], marks=pytest.mark.skipif(not shutil.which(shell.split()[0]), reason="no"))
    for shell in ("dash", "busybox sh", "bash")
]


@dataclass
class Jenkins:
    """A server with one path, which answers as it was recorded, or as `answers` says, one after the other."""

    answers: list[int] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    most_at_once: int = 0
    held: threading.Event | None = None
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, target: str) -> tuple[int, str]:
        with self._lock:
            self.targets.append(target)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            scripted = self.answers.pop(0) if self.answers else None
        if self.held:
            self.held.wait(_LONGEST_SECONDS)
        with self._lock:
            self._now -= 1
        token = parse_qs(urlsplit(target).query).get("token", [""])[0]
        why = "no token" if not token else "right token, no job uses the url" if token == TOKEN else "wrong token"
        return (scripted, "") if scripted else _recorded(why)

    def calls(self) -> list[str | None]:
        """Return the branch that each request named, sorted; None for those that named none."""
        queries = [parse_qs(urlsplit(target).query, strict_parsing=True) for target in self.targets]
        assert all(query["url"] == [REPO] and set(query) <= {"url", "branches", "token"} for query in queries)
        return sorted((query.get("branches", [None])[0] for query in queries), key=str)


def _recorded(why: str) -> tuple[int, str]:
    exchanges = json.loads(RECORDED.read_text(encoding="utf-8"))["exchanges"]
    response = next(each["response"] for each in exchanges if each["why"] == why)
    return response["status"], response["body"]


@dataclass
class Place:
    """A bare repository, a clone to push from, and where the hook is to call."""

    bare: Path
    clone: Path
    url: str
    jenkins: Jenkins
    shell: str = "dash"

    @property
    def hooks(self) -> Path:
        return self.bare / "hooks"

    @property
    def log(self) -> str:
        path = self.hooks / "post-receive.cictl-log"
        with suppress(FileNotFoundError):  # not there yet, or just put aside
            return path.read_text(encoding="utf-8")
        return ""

    def host(self) -> HookHost:
        return HookHost(RepositoryPlace(str(self.bare)), environ=os.environ)

    def install(
        self, token: str | None = TOKEN, *, deadline_seconds: int = 600, request_seconds: int = 300
    ) -> Standing:
        settings = HookSettings(self.url, REPO, deadline_seconds, request_seconds)
        done = install_hook(self.host(), settings, body=hook_body(), token=token)
        if self.shell != "sh":
            replace_in(self.hooks / "post-receive", "#!/bin/sh", f"#!/usr/bin/env -S {self.shell}")
        return done.plan.standing

    def push(self, *refs: str) -> None:
        git("-C", str(self.clone), "push", "-q", str(self.bare), *refs)

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait until HOLDS, and fail with the hook's log if it never does."""
        eventually(holds, seconds=_LONGEST_SECONDS, what=lambda: self.log)

    def calling(self) -> list[int]:
        """Return the processes that the hook left to call Jenkins: those that work in its folder."""
        return [int(each.name) for each in Path("/proc").glob("[0-9]*") if _folder_of(each) == self.hooks]

    def end_calls(self) -> None:
        """Have nothing of the hook's run beyond the test."""
        while found := self.calling():
            for pid in found:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _folder_of(process: Path) -> Path | None:
    with suppress(OSError):
        return (process / "cwd").readlink()
    return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    is_up = False

    def begin(self) -> None:
        """Listen: until then connections are refused."""
        self.server_activate()
        self.is_up = True
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def handle_error(self, request: object, client_address: object) -> None:
        """Pass over a hook that gave up and has gone."""


@contextmanager
def serving(jenkins: Jenkins, *, is_up: bool = True) -> Iterator[tuple[str, _Server]]:
    """Yield where it listens, and the server; unless it IS UP, it is to `begin`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if urlsplit(self.path).path != "/jenkins/git/notifyCommit":
                self.send_error(404)
                return
            status, body = jenkins.answer(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Be quiet."""

    running = _Server(("127.0.0.1", 0), Handler, bind_and_activate=False)
    running.server_bind()
    if is_up:
        running.begin()
    yield f"http://127.0.0.1:{running.server_port}/jenkins", running
    if jenkins.held:
        jenkins.held.set()
    if running.is_up:
        running.shutdown()
    running.server_close()


def git(*words: str) -> None:
    subprocess.run(["git", *words], check=True, capture_output=True, timeout=_LONGEST_SECONDS)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    bare, clone = tmp_path / "shop's app.git", tmp_path / "clone"
    git("init", "-q", "--bare", str(bare))
    git("init", "-q", str(clone))
    identity = ("-c", "user.name=dev", "-c", "user.email=dev@example.com")
    git("-C", str(clone), *identity, "commit", "-q", "--allow-empty", "-m", "first")
    jenkins = Jenkins()
    with serving(jenkins) as (url, _):
        made = Place(bare.resolve(), clone, url, jenkins)
        yield made
        made.end_calls()
