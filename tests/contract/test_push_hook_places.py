"""Places where our hook can be put, and cannot: over ssh, with connections and installers that break off."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import pytest

from cictl.clients.hook_host import HookHost, hook_body
from cictl.core.push_hook import Hook
from cictl.core.push_hook_text import HookSettings
from cictl.core.repository_place import RepositoryPlace, parse_place
from cictl.errors import CictlError, Conflict, FarSideFailed, NotFound, Unreachable, UsageProblem
from cictl.services.push_hooks import install_hook, is_telling, remove_hook, show_hook
from tests.contract.hooked_repository import REPO, TOKEN, Place, git
from tests.files import write_script


def test_a_server_without_curl_is_refused_before_anything_is_written(place: Place, tmp_path: Path) -> None:
    for name in ("sh", "ls", "awk", "id", "od", "tr", "git", "grep", "cmp", "cat", "mv", "chmod", "tail", "sed"):
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).symlink_to(str(shutil.which(name)))
    host = HookHost(RepositoryPlace(str(place.bare)), environ={"PATH": str(tmp_path / "bin")})
    with pytest.raises(NotFound, match="no curl"):
        install_hook(host, HookSettings(place.url, REPO), body=hook_body(), token=TOKEN)
    assert not (place.hooks / "post-receive").exists()


@pytest.mark.parametrize(
    ("spoil", "error", "said"),
    [
        pytest.param(shutil.rmtree, NotFound, "there is no", id="missing"),
        pytest.param(lambda bare: (bare / "HEAD").unlink(), CictlError, "is no Git repository", id="no-repository"),
        pytest.param(
            lambda bare: ((bare / "hooks").rename(bare / "others"), (bare / "hooks").symlink_to("others")),
            Conflict,
            "is a link",
            id="shared-hooks",
        ),
        pytest.param(
            lambda bare: git("-C", str(bare), "config", "core.hooksPath", "/srv/hooks"),
            Conflict,
            "core.hooksPath",
            id="hooks-elsewhere",
        ),
        pytest.param(lambda bare: (bare / "hooks" / "post-receive").mkdir(), Conflict, "is a folder", id="folder"),
    ],
)
def test_places_that_can_have_no_hook(
    place: Place, spoil: Callable[[Path], object], error: type[CictlError], said: str
) -> None:
    spoil(place.bare)
    with pytest.raises(error, match=said):
        place.install()


def test_a_hook_needs_a_token(place: Place) -> None:
    with pytest.raises(UsageProblem, match="no token"):
        place.install(None)
    assert show_hook(place.host()).hook is Hook.ABSENT


@pytest.fixture
def ssh(tmp_path: Path) -> Path:
    """Stand in for ssh: note the arguments, and run the last one here, behind what a login says."""
    folder = tmp_path / "ssh-bin"
    folder.mkdir()
    write_script(
        folder / "ssh", f'printf "%s\\n" "$@" >"{folder}/argv"; for last; do :; done; echo motd; exec sh -c "$last"'
    )
    return folder


def test_over_ssh(place: Place, ssh: Path) -> None:
    environ = {**os.environ, "PATH": f"{ssh}:{os.environ['PATH']}"}
    where = parse_place(f"ssh://git@git.example.com:2222{quote(str(place.bare))}")
    host = HookHost(where, environ=environ)
    install_hook(host, HookSettings(place.url, REPO), body=hook_body(), token=TOKEN)
    argv = (ssh / "argv").read_text(encoding="utf-8").splitlines()
    assert argv == ["-o", "ConnectTimeout=15", "-p", "2222", "--", "git@git.example.com", "sh -s"]
    assert is_telling(show_hook(host))
    place.push("HEAD:main")
    place.until(lambda: place.jenkins.calls() == ["main"])


@pytest.mark.parametrize(
    ("script", "error"),
    [
        pytest.param("echo 'Connection refused' >&2; exit 255", Unreachable, id="unreachable"),
        pytest.param("echo 'fatal: unrecognized command' >&2; exit 128", FarSideFailed, id="git-shell"),
        pytest.param("exit 0", FarSideFailed, id="silent"),
    ],
)
def test_ssh_that_runs_nothing(ssh: Path, script: str, error: type[CictlError]) -> None:
    write_script(ssh / "ssh", script)
    host = HookHost(parse_place("git@git.example.com:app.git"), environ={"PATH": f"{ssh}:{os.environ['PATH']}"})
    with pytest.raises(error):
        show_hook(host)


def _far_script() -> str:
    return files("cictl.clients").joinpath("scripts", "hook-host.sh").read_text(encoding="utf-8")


def test_a_connection_that_breaks_changes_nothing(place: Place) -> None:
    values = f"mode=install token=x hook=y chain=no place={shlex.quote(str(place.bare))}\n"
    script = _far_script()
    for length in range(0, len(script) - len("main; exit\n"), 197):
        half = values + script[:length]
        subprocess.run(["sh", "-s"], input=half, text=True, capture_output=True, check=False, timeout=120)
    assert not (place.hooks / "post-receive").exists()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_at_any_point_leaves_a_repository_that_works(place: Place, tmp_path: Path, when: str) -> None:
    place.shell = "sh"
    tools, counter = tmp_path / "tools", tmp_path / "left"
    tools.mkdir()
    for name in ("mv", "cp", "cat", "chmod", "rm", "ln"):
        real = shlex.quote(str(shutil.which(name)))
        kill = '[ "$left" = 0 ] && kill -9 "$PPID"'
        acts = f'{real} "$@"; {kill}' if when == "after" else f'{kill} && exit; {real} "$@"'
        write_script(tools / name, f"left=$(($(/bin/cat {counter}) - 1)); echo $left >{counter}; {acts}; true")
    environ = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    hook = place.hooks / "post-receive"
    write_script(hook, "echo ran >>ran")
    kills = 0
    for point in range(1, 40):
        counter.write_text(str(point))
        settings = HookSettings(place.url, REPO)
        host = HookHost(RepositoryPlace(str(place.bare)), environ=environ)
        try:
            install_hook(host, settings, body=hook_body(), token=TOKEN)
            remove_hook(host)
            break
        except CictlError:
            kills += 1
        ran = len((place.bare / "ran").read_text().splitlines()) if (place.bare / "ran").exists() else 0
        place.push(f"HEAD:refs/heads/b{point}")
        assert len((place.bare / "ran").read_text().splitlines()) == ran + 1, f"after the kill at {point}"
        place.install()
        assert is_telling(show_hook(place.host()))
        remove_hook(place.host())
        assert hook.read_text(encoding="utf-8") == "#!/bin/sh\necho ran >>ran\n"
        assert [path.name for path in place.hooks.iterdir() if "cictl" in path.name] == []
    assert kills >= 8, "the kills hit"
