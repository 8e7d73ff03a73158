"""Prune, adopt and restore that are killed at any request converge: nothing lost, nothing of others touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cictl.core.job_marks import owner_of
from cictl.core.job_xml import parse_config
from cictl.errors import ExitCode
from tests.contract.jobs_shop import FOLDER, OWNER, PIPELINE, Shop, config
from tests.contract.killable import Killable
from tests.fake_jenkins.messages import Request

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

    def kill_at(self, number: int, *, before: bool) -> None:
        """Kill the process before or after the NUMBERth request from now on is acted upon."""
        faults, first = self.shop.fake.faults, len(self.shop.fake.requests)

        def strike(_: int, request: Request) -> None:
            if request.number != first + number:
                return
            self.killable.kill()
            if before:
                faults.drop_before(lambda each: each is request)

        if before:
            faults.on_request = strike
        else:
            faults.on_answer = strike

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
    folder: Path, killable: Killable, prepare: Callable[[World], tuple[str, ...]], *, before: bool
) -> Iterator[World]:
    """Yield a world for each request of a command, killed there and run again; PREPARE returns the command."""
    whole = World(folder / "whole", killable)
    argv = prepare(whole)
    already = len(whole.shop.fake.requests)
    assert whole.run(*argv) == ExitCode.OK, whole.said()
    count = len(whole.shop.fake.requests) - already
    whole.shop.close()
    for number in range(1, count + 1):
        world = World(folder / f"{number}", killable)
        argv = prepare(world)
        world.kill_at(number, before=before)
        assert world.run(*argv) == -9, f"request {number} of {count}"
        again = world.run(*argv)
        assert again == ExitCode.OK, f"after a kill at request {number} of {count}: {world.said()}"
        with world.shop.live() as live, live.lock.held():
            pass  # a lock that was left is not in the way
        yield world
        world.shop.close()


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_killed_prune_converges(tmp_path: Path, killable: Killable, *, before: bool) -> None:
    def prepare(world: World) -> tuple[str, ...]:
        world.shop.ours({"shop/ci/web": PIPELINE, **_OLD})
        return ("prune", "--max-delete", "100%")

    for world in _each_kill(tmp_path, killable, prepare, before=before):
        assert world.shop.jobs() == {"shop/ci/web"}
        assert world.shop.kept() >= set(_OLD), "what is gone is in a backup"


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_killed_adoption_converges(tmp_path: Path, killable: Killable, *, before: bool) -> None:
    def prepare(world: World) -> tuple[str, ...]:
        world.shop.fake.put("shop/ci/web", config(PIPELINE, owner=None, rest=_DEFINITION))
        return ("adopt",)

    for world in _each_kill(tmp_path, killable, prepare, before=before):
        for name in ("shop/ci", "shop/ci/web"):
            assert owner_of(parse_config(world.shop.fake.jobs()[name]).text_of("description")) == OWNER
        assert world.shop.recorded() == {"shop/ci", "shop/ci/web"}


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_killed_restoration_converges(tmp_path: Path, killable: Killable, *, before: bool) -> None:
    def prepare(world: World) -> tuple[str, ...]:
        world.shop.ours(_OLD)
        assert world.run("prune", "--max-delete", "100%") == ExitCode.OK
        [backup] = (world.shop.folder / "state" / "cictl" / "backups").glob("*/*")
        return ("restore", backup.name)

    for world in _each_kill(tmp_path, killable, prepare, before=before):
        assert world.shop.jobs() == set(_OLD)
        assert world.shop.recorded() == set(_OLD)
