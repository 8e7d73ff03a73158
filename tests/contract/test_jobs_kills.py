"""An apply that is killed at any request converges when it runs again: nothing twice, nothing of others touched."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cictl.errors import ExitCode
from tests.contract.bootstrap_platform import Platform
from tests.contract.jobs_shop import Shop
from tests.contract.jobs_tree import NAMES, write_tree
from tests.contract.kill_points import KillPoint, kill_points, spare, strike_at
from tests.contract.killable import Killable
from tests.fake_jenkins.messages import Request
from tests.running import Run

BUILD, API = "shop/ci/web/build", "shop/ci/api"
LOCK = "shop/admin/cictl-lock"
_CHANGED = {
    BUILD: {"cron": "H 4 * * *"},
    "shop/ci/web/test": {"version": "2"},
    "shop/ci/web/new": {},
    "shop/ci/new": {},
}


def _argv(shop: Shop) -> list[str]:
    return ["jobs", "apply", "--yes", "-r", str(shop.folder / "tree")]


@pytest.fixture(scope="module")
def killable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killable]:
    platform = Platform(tmp_path_factory.mktemp("warm") / "platform", "http://127.0.0.1:9")
    with Killable(platform.folder, platform.environ) as process:
        yield process


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory, killable: Killable) -> dict[str, str]:
    """Return what a Jenkins holds in which an earlier apply was done and a person edited a job since."""
    shop = Shop(tmp_path_factory.mktemp("first") / "shop")
    write_tree(shop)
    assert killable.run(_argv(shop), shop.folder, shop.environ) == 0
    shop.fake.put(API, shop.fake.item(API).xml.replace("H 2 * * *", "H 9 * * *"))
    shop.fake.save(API)
    held = shop.fake.jobs()
    shop.close()
    return held


class Killed:
    """One Jenkins with what was there BEFORE, and a run that dies at one of its requests."""

    def __init__(self, folder: Path, before: dict[str, str], killable: Killable, store: str = "2.516") -> None:
        self.shop, self.killable = Shop(folder, store=store), killable
        for name, xml in before.items():
            self.shop.fake.put(name, xml)
        write_tree(self.shop, _CHANGED)
        self.argv = _argv(self.shop)

    def kill_at(self, point: KillPoint) -> int:
        strike_at(point, self.shop.fake, self.killable)
        status = self.run()
        spare(self.shop.fake)
        return status

    def run(self, *more: str) -> int:
        return self.killable.run([*self.argv, *more], self.shop.folder, self.shop.environ)


def _settled(shop: Shop, run: Run) -> None:
    """Hold what is there to what one whole run leaves: the person's edit, Git's changes, nothing else."""
    assert shop.jobs() - {LOCK} == {"shop/ci/web", "shop/ci/new", "shop/ci/web/new", *NAMES}
    assert list(shop.fake.views("shop")) == ["All", "ours"]
    assert "H 9 * * *" in shop.fake.item(API).xml
    assert "H 4 * * *" in shop.fake.item(BUILD).xml
    assert "<defaultValue>2</defaultValue>" in shop.fake.item("shop/ci/web/test").xml
    _, document = shop.told(run, "plan")
    moved = {
        each["name"]: each["action"] for each in document["jobs"] if each["action"] not in {"unchanged", "foreign"}
    }
    assert moved == {API: "drifted"}, "our own half-finished write is nobody's edit"


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
def test_a_run_after_a_kill_at_any_request_converges(
    tmp_path: Path, before: dict[str, str], killable: Killable, run: Run, *, is_after: bool
) -> None:
    whole = Killed(tmp_path / "whole", before, killable)
    already = len(whole.shop.fake.requests)
    assert whole.run() == 0
    points = kill_points(whole.shop.fake.requests[already:], is_after=is_after)
    whole.shop.close()
    for number, point in enumerate(points):
        world = Killed(tmp_path / str(number), before, killable, "2.555" if number % 2 else "2.516")
        assert world.kill_at(point) == -signal.SIGKILL, point
        assert world.run() == 0, (point, (world.shop.folder / "said").read_text())
        _settled(world.shop, run)
        world.shop.close()


def test_a_run_that_is_told_to_stop_takes_its_lock_along(
    tmp_path: Path, before: dict[str, str], killable: Killable, run: Run
) -> None:
    world = Killed(tmp_path / "stopped", before, killable)

    def strike(_: int, request: Request) -> None:
        if request.method == "POST" and request.path.endswith("/build/config.xml") and killable.pid:
            import os  # noqa: PLC0415 - here alone

            os.kill(killable.pid, signal.SIGTERM)
            time.sleep(0.1)

    world.shop.fake.faults.on_request = strike
    assert world.run() == 143
    assert LOCK not in world.shop.fake.jobs()
    world.shop.fake.faults.on_request = None
    assert world.run() == 0
    _settled(world.shop, run)
    world.shop.close()


def test_many_jobs_and_a_kill_somewhere_in_the_middle(tmp_path: Path, killable: Killable) -> None:
    shop = Shop(tmp_path / "many")
    names: dict[str, dict[str, str]] = {f"shop/ci/many-{number}": {} for number in range(200)}
    write_tree(shop, names)
    world = Killed.__new__(Killed)
    world.shop, world.killable, world.argv = shop, killable, _argv(shop)
    for nth in (30, 60, 15):
        assert world.kill_at(KillPoint("POST createItem", nth, is_after=False)) == -signal.SIGKILL
    assert world.run() == 0, (shop.folder / "said").read_text()
    assert world.run() == ExitCode.OK
    assert shop.jobs() == {"shop/ci/web", *NAMES, *names}
    created = [each.path for each in shop.fake.requests if "createItem" in each.path and each.status == 200]
    made = [path for path in created if "cictl-" not in path]
    assert len(made) == len(set(made)), "nothing is made twice"
    shop.close()
