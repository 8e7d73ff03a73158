"""Prune, adopt and restore that are killed at any request converge: nothing lost, nothing of others touched."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cictl.core.job_marks import owner_of
from cictl.core.job_xml import parse_config
from cictl.errors import ExitCode
from tests.contract.jobs_shop import FOLDER, OWNER, PIPELINE, Shop, config
from tests.contract.kill_points import KillPoint, kill_points, spare, strike_at
from tests.contract.killable import Killable

_OLD = {"shop/ci/old": FOLDER, "shop/ci/old/a": PIPELINE}
_DEFINITION = (
    '<definition class="org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition"><script>build()</script></definition>'
)


class World:
    """A shop whose command is killed."""

    def __init__(self, folder: Path, killable: Killable) -> None:
        self.shop, self.killable = Shop(folder), killable

    def run(self, *argv: str) -> int:
        tree = () if argv[0] == "restore" else ("-r", str(self.shop.folder / "tree"))
        words = ["jobs", argv[0], *tree, *argv[1:], "--yes"]
        return self.killable.run(words, self.shop.folder, self.shop.environ)

    def kill_at(self, point: KillPoint, *argv: str) -> int:
        """Run it, and kill the process at POINT."""
        strike_at(point, self.shop.fake, self.killable)
        status = self.run(*argv)
        spare(self.shop.fake)
        return status

    def said(self) -> str:
        said: Path = self.shop.folder / "said"
        return said.read_text() if said.exists() else ""


@pytest.fixture(scope="module")
def killable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killable]:
    shop = Shop(tmp_path_factory.mktemp("warm") / "platform")
    tree = ["jobs", "adopt", "-r", str(shop.folder / "tree"), "--dry-run", "-o", "name"]
    with Killable(shop.folder, shop.environ, tree) as process:
        yield process
    shop.close()


def _each_kill(
    folder: Path, killable: Killable, prepare: Callable[[World], tuple[str, ...]], *, is_after: bool
) -> Iterator[World]:
    """Yield a world for each point to kill a command at, killed there and run again; PREPARE returns the command."""
    whole = World(folder / "whole", killable)
    argv = prepare(whole)
    already = len(whole.shop.fake.requests)
    assert whole.run(*argv) == ExitCode.OK, whole.said()
    points = kill_points(whole.shop.fake.requests[already:], is_after=is_after)
    whole.shop.close()
    assert points
    for number, point in enumerate(points):
        world = World(folder / f"{number}", killable)
        argv = prepare(world)
        assert world.kill_at(point, *argv) == -signal.SIGKILL, point
        again = world.run(*argv)
        assert again == ExitCode.OK, f"after a kill at {point}: {world.said()}"
        with world.shop.live() as live, live.lock.held():
            pass  # a lock that was left is not in the way
        yield world
        world.shop.close()


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
def test_a_killed_prune_converges(tmp_path: Path, killable: Killable, *, is_after: bool) -> None:
    def prepare(world: World) -> tuple[str, ...]:
        world.shop.ours({"shop/ci/web": PIPELINE, **_OLD})
        return ("prune", "--max-delete", "100%")

    for world in _each_kill(tmp_path, killable, prepare, is_after=is_after):
        assert world.shop.jobs() == {"shop/ci/web"}
        assert world.shop.kept() >= set(_OLD), "what is gone is in a backup"


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
def test_a_killed_adoption_converges(tmp_path: Path, killable: Killable, *, is_after: bool) -> None:
    def prepare(world: World) -> tuple[str, ...]:
        world.shop.fake.put("shop/ci/web", config(PIPELINE, owner=None, rest=_DEFINITION))
        return ("adopt",)

    for world in _each_kill(tmp_path, killable, prepare, is_after=is_after):
        for name in ("shop/ci", "shop/ci/web"):
            assert owner_of(parse_config(world.shop.fake.jobs()[name]).text_of("description")) == OWNER
        assert world.shop.recorded() == {"shop/ci", "shop/ci/web"}


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
def test_a_killed_restoration_converges(tmp_path: Path, killable: Killable, *, is_after: bool) -> None:
    first = World(tmp_path / "first", killable)
    first.shop.ours(_OLD)
    assert first.run("prune", "--max-delete", "100%") == ExitCode.OK
    first.shop.close()

    def prepare(world: World) -> tuple[str, ...]:
        for name, xml in first.shop.fake.jobs().items():
            world.shop.fake.put(name, xml)
        return ("restore", str(_moved(first.shop, world.shop)))

    for world in _each_kill(tmp_path, killable, prepare, is_after=is_after):
        assert world.shop.jobs() == set(_OLD)
        assert world.shop.recorded() == set(_OLD)


def _moved(first: Shop, shop: Shop) -> Path:
    """Copy the backup of the FIRST shop, as if SHOP had made it."""
    [backup] = (first.folder / "state" / "cictl" / "backups").glob("*/*")
    there = shop.folder / "backup"
    shutil.copytree(backup, there)
    for path in there.rglob("*.json"):
        path.write_text(path.read_text().replace(first.fake.url, shop.fake.url))
    return there
