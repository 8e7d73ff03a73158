"""Our hook beside those that are there already: put in front of them, and taken away again."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from cictl.core.push_hook_plan import Standing
from cictl.errors import Conflict
from cictl.services.push_hooks import remove_hook
from tests.contract.hooked_repository import SHELLS, Place
from tests.files import write_script


@pytest.mark.parametrize("shell", SHELLS)
def test_the_hook_before_gets_the_same_input_and_gives_the_status(place: Place, shell: str) -> None:
    place.shell = shell
    write_script(place.hooks / "post-receive", 'cat >>seen; echo "$# said to the pusher"; exit 3')
    assert place.install() is Standing.CREATED
    updates = f"{'0' * 40} {'1' * 40} refs/heads/main\n{'0' * 40} {'2' * 40} refs/heads/b\n"
    environ = {**os.environ, "GIT_DIR": "."}
    done = subprocess.run(
        ["hooks/post-receive"], input=updates, cwd=place.bare, env=environ, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "0 said to the pusher\n", "")
    assert (place.bare / "seen").read_text(encoding="utf-8") == updates
    place.until(lambda: len(place.jenkins.targets) == 2)


def test_a_planted_link_is_not_followed(place: Place, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious", encoding="utf-8")
    victim.chmod(0o644)
    place.shell = "sh"
    (place.hooks / "post-receive.cictl-token").symlink_to(victim)
    assert place.install() is Standing.CREATED
    assert (victim.read_text(encoding="utf-8"), stat.S_IMODE(victim.stat().st_mode)) == ("precious", 0o644)
    assert stat.S_IMODE((place.hooks / "post-receive.cictl-token").lstat().st_mode) == 0o600


def test_a_chained_hook_that_reads_nothing_complains_of_nothing(place: Place) -> None:
    write_script(place.hooks / "post-receive", "exit 0")
    place.install()
    updates = "".join(f"{'0' * 40} {'1' * 40} refs/heads/b{number}\n" for number in range(5000))
    done = subprocess.run(
        ["hooks/post-receive"], input=updates, cwd=place.bare, capture_output=True, text=True, check=False, timeout=300
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_installing_again_chains_nothing_and_removing_restores(place: Place) -> None:
    place.shell = "sh"
    own = place.hooks / "post-receive"
    write_script(own, "exit 0")
    before = own.read_bytes()
    assert [place.install(), place.install(), place.install("f" * 32)] == ["created", "unchanged", "changed"]
    assert (place.hooks / "post-receive.before-cictl").read_bytes() == before
    assert remove_hook(place.host()).plan.hook is Standing.RESTORED
    assert own.read_bytes() == before
    assert os.access(own, os.X_OK)
    assert [path.name for path in place.hooks.iterdir() if "cictl" in path.name] == []
    assert remove_hook(place.host()).plan.is_empty


def test_removing_where_there_was_none(place: Place) -> None:
    place.shell = "sh"
    place.install()
    assert remove_hook(place.host()).plan.hook is Standing.REMOVED
    assert not (place.hooks / "post-receive").exists()


def test_a_linked_hook_and_its_folder_are_chained(place: Place) -> None:
    (place.hooks / "post-receive.d").mkdir()
    write_script(place.hooks / "post-receive.d" / "first", "touch ran")
    write_script(place.hooks / "dispatch", 'for each in "$(dirname "$0")/$(basename "$0").d"/*; do "$each"; done')
    (place.hooks / "post-receive").symlink_to("dispatch")
    place.install()
    place.push("HEAD:main")
    assert (place.bare / "ran").exists()
    place.until(lambda: place.jenkins.calls() == ["main"])
    remove_hook(place.host())
    assert (place.hooks / "post-receive").readlink() == Path("dispatch")
    assert not (place.hooks / "post-receive.before-cictl.d").is_symlink()


def test_an_edited_hook_and_two_hooks_of_somebody_are_left_to_people(place: Place) -> None:
    place.shell = "sh"
    write_script(place.hooks / "post-receive", "exit 0")
    place.install()
    hook = place.hooks / "post-receive"
    hook.write_text(hook.read_text(encoding="utf-8") + "mail me\n", encoding="utf-8")
    with pytest.raises(Conflict, match="edited by hand"):
        place.install()
    with pytest.raises(Conflict, match="edited by hand"):
        remove_hook(place.host())
    write_script(hook, "exit 1")
    with pytest.raises(Conflict, match="another one kept from before"):
        place.install()


def test_an_install_that_was_killed_is_finished_by_the_next(place: Place) -> None:
    place.shell = "sh"
    write_script(place.hooks / "post-receive", "exit 0")
    before = (place.hooks / "post-receive").read_bytes()
    shutil.copy2(place.hooks / "post-receive", place.hooks / "post-receive.before-cictl")
    (place.hooks / "post-receive.cictl-new.123").write_text("half")
    assert place.install() is Standing.CREATED
    remove_hook(place.host())
    assert (place.hooks / "post-receive").read_bytes() == before
    assert not (place.hooks / "post-receive.cictl-new.123").exists()
