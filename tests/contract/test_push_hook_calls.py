"""What pushes to a repository with our hook tell Jenkins, whatever the branches are called and Jenkins answers."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import threading
from pathlib import Path
from urllib.parse import quote

import pytest

from cictl.clients.hook_host import HookHost, hook_body
from cictl.core.push_hook_plan import Standing
from cictl.core.push_hook_text import HookSettings
from cictl.core.repository_place import RepositoryPlace
from cictl.services.push_hooks import install_hook, remove_hook
from tests.contract.hooked_repository import REPO, SHELLS, TOKEN, Place, serving
from tests.files import write_script

HOSTILE = [
    "main",
    "feature/a+b&c=d",
    "$(touch${IFS}x)",
    "`touch${IFS}y`",
    "quote'and\"quote;x|y#z%2F",
    "größe/日本語",
    "-n",
    "a@b!{c}(d)",
]


@pytest.mark.parametrize("shell", SHELLS)
def test_each_branch_is_one_call_whatever_it_is_called(place: Place, shell: str) -> None:
    place.shell = shell
    place.install()
    place.push(*(f"HEAD:refs/heads/{name}" for name in HOSTILE))
    place.until(lambda: place.log.count("was told") == len(HOSTILE))
    assert place.jenkins.calls() == sorted(HOSTILE)
    raw = f"/jenkins/git/notifyCommit?url={quote(REPO, safe='')}&branches=feature%2Fa%2Bb%26c%3Dd&token={TOKEN}"
    assert raw in place.jenkins.targets
    assert not [path for path in place.bare.rglob("*") if path.name in {"x", "y"}]


@pytest.mark.parametrize("shell", SHELLS)
def test_what_no_call_can_name_is_one_call_for_all(place: Place, shell: str) -> None:
    place.shell = shell
    place.push("HEAD:refs/heads/old", "HEAD:refs/heads/older")
    place.install()
    place.push("HEAD:refs/tags/v1", ":refs/heads/old", ":refs/heads/older", "HEAD:refs/notes/n", "HEAD:refs/heads/x")
    place.until(lambda: place.log.count("was told") == 2)
    place.push("HEAD:refs/heads/one,two")
    place.until(lambda: place.log.count("was told") == 3)
    assert place.jenkins.calls() == [None, None, "x"]
    assert not any("sha1" in target for target in place.jenkins.targets)


def test_hundreds_of_branches_are_told_a_few_at_a_time(place: Place) -> None:
    names = [f"team/{number:03}" for number in range(200)]
    place.install()
    place.push(*(f"HEAD:refs/heads/{name}" for name in names))
    place.until(lambda: len(place.jenkins.targets) == len(names))
    assert place.jenkins.calls() == names
    assert place.jenkins.most_at_once <= 4


@pytest.mark.parametrize(
    ("token", "status"), [pytest.param("0" * 32, "403", id="wrong-token"), pytest.param(None, "401", id="no-token")]
)
def test_a_refused_token_is_said_and_not_tried_again(place: Place, token: str | None, status: str) -> None:
    if token is None:
        place.jenkins.answers = [401] * 4
    place.install(token or TOKEN)
    place.push("HEAD:main")
    place.until(lambda: status in place.log)
    assert "cictl hook install" in place.log
    place.until(lambda: not place.calling())
    assert len(place.jenkins.targets) == 1


def test_what_passes_is_tried_again(place: Place) -> None:
    place.jenkins.answers = [500, 502, 503, 429]
    place.install()
    place.push(*(f"HEAD:refs/heads/b{number}" for number in range(4)))
    place.until(lambda: place.log.count("was told") == 4)
    assert [status for status in (500, 502, 503, 429) if f"answered {status}; again" not in place.log] == []
    assert len(place.jenkins.calls()) == 8


@pytest.mark.parametrize("status", [301, 400, 404])
def test_what_stays_is_not_tried_again(place: Place, status: int) -> None:
    place.jenkins.answers = [status]
    place.install()
    place.push("HEAD:main")
    place.until(lambda: str(status) in place.log)
    place.until(lambda: not place.calling())
    assert (len(place.jenkins.targets), "again in" in place.log) == (1, False)


def test_a_jenkins_that_is_down_at_first_is_told_later(place: Place) -> None:
    with serving(place.jenkins, is_up=False) as (place.url, server):
        place.install()
        place.push("HEAD:main")
        place.until(lambda: "curl's exit status 7" in place.log)
        server.begin()
        place.until(lambda: "was told" in place.log)
    assert place.jenkins.calls() == ["main"]


def test_it_gives_up_at_its_deadline(place: Place) -> None:
    place.jenkins.answers = [503] * 50
    place.install(deadline_seconds=4)
    place.push("HEAD:main", "HEAD:refs/heads/b", "HEAD:refs/heads/c", "HEAD:refs/heads/d", "HEAD:refs/heads/e")
    place.until(lambda: place.log.count("given up") == 4)
    place.until(lambda: not place.calling())
    assert place.log.count("given up") == 4, "once for each that calls, and the fifth is not begun"
    assert 1 <= len(place.jenkins.targets) <= 12, "after pauses of 1, 2 and 4 s"


def test_a_jenkins_that_hangs_keeps_no_push_waiting_and_sees_no_token_in_any_process(place: Place) -> None:
    place.jenkins.held = threading.Event()
    place.install()
    place.push("HEAD:main")
    place.until(lambda: len(place.jenkins.targets) == 1)
    assert place.calling(), "the call is under way, and goes on for longer than a push may take"
    assert [line for line in processes() if TOKEN.encode() in line] == []
    place.jenkins.held.set()
    place.until(lambda: "was told" in place.log)
    for name in ("post-receive", "post-receive.cictl-log"):
        assert TOKEN not in (place.hooks / name).read_text(encoding="utf-8")
    assert stat.S_IMODE((place.hooks / "post-receive.cictl-token").stat().st_mode) == 0o600


def processes() -> list[bytes]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) == os.getpid():
            continue
        for kind in ("cmdline", "environ"):
            try:
                found.append((folder / kind).read_bytes())
            except OSError:
                continue
    return found


def test_it_detaches_itself_where_there_is_no_setsid(place: Place, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "cat", "od", "date", "wc", "curl", "sleep"):
        (tools / name).symlink_to(str(shutil.which(name)))
    place.shell = "sh"
    place.install()
    place.jenkins.held = threading.Event()
    updates = f"{'0' * 40} {'1' * 40} refs/heads/main\n"
    done = subprocess.run(
        ["hooks/post-receive"],
        input=updates,
        cwd=place.bare,
        env={"PATH": str(tools)},
        capture_output=True,  # ends when nobody holds the pipes any more
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    place.jenkins.held.set()
    place.until(lambda: "was told" in place.log)


@pytest.mark.skipif(not shutil.which("busybox"), reason="no busybox")
def test_on_a_server_that_has_busybox_alone(place: Place, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    busybox = str(shutil.which("busybox"))
    for name in subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split():
        (tools / name).symlink_to(busybox)
    for name in ("curl", "git"):
        (tools / name).symlink_to(str(shutil.which(name)))
    write_script(place.hooks / "post-receive", "cat >seen")
    host = HookHost(RepositoryPlace(str(place.bare)), environ={"PATH": str(tools)})
    settings = HookSettings(place.url, REPO)
    standings = [install_hook(host, settings, body=hook_body(), token=TOKEN).plan.standing for _ in range(2)]
    updates = f"{'0' * 40} {'1' * 40} refs/heads/größe/+\n{'1' * 40} {'0' * 40} refs/heads/gone\n"
    command = [str(tools / "sh"), "hooks/post-receive"]
    subprocess.run(command, input=updates, cwd=place.bare, env={"PATH": str(tools)}, text=True, check=True, timeout=120)
    place.until(lambda: place.log.count("was told") == 2)
    assert (standings, place.jenkins.calls()) == (["created", "unchanged"], [None, "größe/+"])
    assert (place.bare / "seen").read_text(encoding="utf-8") == updates
    assert remove_hook(host).plan.hook is Standing.RESTORED


def test_the_log_is_bounded(place: Place) -> None:
    place.install()
    (place.hooks / "post-receive.cictl-log").write_text("x" * 150_000, encoding="utf-8")
    place.push("HEAD:main")
    place.until(lambda: "was told" in place.log)
    assert len(place.log) < 1000
