"""Root in somebody else's repository does what that somebody could, and no more."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cictl.clients.local_repository import may_run, owner_to_act_as
from cictl.clients.push_run_folder import RunFolder
from cictl.core.push_run import PushRun, RunSettings, State
from cictl.errors import NotAllowed

OWNER = 65534
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as somebody else")
_HOOK = ("--url", "http://localhost:1", "--repo-url", "https://git.example.com/x.git")


@pytest.fixture
def place() -> Iterator[Path]:
    """Yield a folder that everybody may enter, with a repository of somebody's and a folder of root's."""
    place = Path(tempfile.mkdtemp(dir="/tmp"))
    place.chmod(0o755)
    subprocess.run(["git", "init", "--quiet", "--bare", str(place / "shop.git")], check=True)
    subprocess.run(["chown", "-R", f"{OWNER}:{OWNER}", str(place / "shop.git")], check=True)
    (place / "roots").mkdir()
    yield place
    shutil.rmtree(place)


def cictl(*words: str, token: Path | None = None) -> subprocess.CompletedProcess[str]:
    named = [] if token is None else ["--token-file", str(token)]
    command = [str(Path(sys.executable).parent / "cictl"), "hook", *words, *named]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def token(tmp_path: Path) -> Path:
    (tmp_path / "token").write_text("3ae01cd6c7243b0353f21495c9963735\n", encoding="utf-8")
    return tmp_path / "token"


def test_what_is_made_is_the_owners(place: Path, token: Path) -> None:
    folder = RunFolder(place / "shop.git")
    folder.prepare()
    folder.keep_settings(RunSettings())
    done = cictl("install", str(place / "shop.git"), *_HOOK, token=token)
    assert done.returncode == 0, done.stderr
    assert {path.lstat().st_uid for path in (place / "shop.git").rglob("*")} == {OWNER}
    assert (os.geteuid(), os.getegid()) == (0, 0)
    assert cictl("remove", str(place / "shop.git")).returncode == 0
    folder.forget_settings()
    assert folder.settings() is None


@pytest.mark.parametrize("link", ["cictl-runs", "cictl-runs/runs", "cictl-runs/settings.json"])
def test_no_link_leads_root_to_what_is_not_the_owners(place: Path, link: str) -> None:
    folder = RunFolder(place / "shop.git")
    if link != "cictl-runs":
        folder.prepare()
    path = place / "shop.git" / link
    shutil.rmtree(path, ignore_errors=True)
    path.symlink_to(place / "roots")
    with suppress(NotAllowed):
        folder.prepare()
        folder.keep_settings(RunSettings())
    assert (place / "roots").stat().st_uid == 0
    assert list((place / "roots").iterdir()) == []


def test_hooks_that_are_not_the_owners_are_left_alone(place: Path, token: Path) -> None:
    hooks = place / "shop.git" / "hooks"
    os.chown(hooks, 0, 0)
    before = sorted(hooks.iterdir())
    done = cictl("install", str(place / "shop.git"), *_HOOK, token=token)
    assert (done.returncode, "is not writable" in done.stderr) == (5, True)
    assert sorted(hooks.iterdir()) == before
    hooks.rename(place / "roots" / "hooks")
    hooks.symlink_to(place / "roots" / "hooks")
    assert "a link" in cictl("install", str(place / "shop.git"), *_HOOK, token=token).stderr


def test_who_only_looks_writes_nothing(place: Path) -> None:
    folder = RunFolder(place / "shop.git")
    folder.prepare()
    run = PushRun(1, "main", "0" * 40, 1.0, State.RUNNING)
    folder.path(1).mkdir()
    (folder.path(1) / "request").write_text(f"{'0' * 40} {run.commit} refs/heads/main\n1\n", encoding="utf-8")
    folder.keep(run)
    assert "broken-off" in cictl("runs", str(place / "shop.git")).stdout
    assert list((folder.root / "locks").iterdir()) == []


def test_a_python_that_only_root_sees_is_found_out(place: Path) -> None:
    owner = owner_to_act_as(place / "shop.git")
    assert owner is not None
    python = place / "roots" / "python"
    python.write_text("#!/bin/sh\n", encoding="utf-8")
    python.chmod(0o755)
    assert may_run(owner, str(python))
    (place / "roots").chmod(0o700)
    assert not may_run(owner, str(python))
    assert owner_to_act_as(place / "roots") is None


def test_what_others_push_does_not_run_as_root(place: Path) -> None:
    folder = RunFolder(place / "shop.git")
    folder.prepare()
    folder.keep_settings(RunSettings())
    done = cictl("work", str(place / "shop.git"))
    assert (done.returncode, "does not run as root" in done.stderr) == (5, True)
    assert "runuser -u nobody" in done.stderr
