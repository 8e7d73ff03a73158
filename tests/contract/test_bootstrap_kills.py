"""A bootstrap that is killed at any request converges when it runs again: nothing twice, nothing of others touched.

It dies at every request, and runs again from each state that is left so: between two reads nothing changes on either
side, and a run that finds what an earlier one found ends as that did.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cictl.errors import ExitCode
from tests.contract.bootstrap_platform import INITIAL_PASSWORD, SECRETS, Platform, with_agent
from tests.contract.killable import Killable
from tests.fake_jenkins import FakeJenkins
from tests.fake_jenkins.messages import Request
from tests.fake_jenkins.plugin_versions import PLUGINS

_FOREIGN = {
    "other": "<com.cloudbees.hudson.plugins.folder.Folder><description>not ours</description>"
    "</com.cloudbees.hudson.plugins.folder.Folder>",
    "other/build": "<flow-definition><description>not ours</description></flow-definition>",
}
_BY_CHANCE = re.compile(r"[0-9a-f]{8,}|[0-9]+")  # ports, random names
_SMOKE = "shop/admin/cictl-smoke"


@pytest.fixture(scope="module")
def killable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killable]:
    platform = Platform(tmp_path_factory.mktemp("warm") / "platform", "http://127.0.0.1:9")
    with Killable(platform.folder, platform.environ) as process:
        yield process


class World:
    """A fresh Jenkins with something of others in it, and a platform that is to be brought there."""

    def __init__(self, folder: Path, cache: Path, killable: Killable) -> None:
        self.fake = with_agent(FakeJenkins()).start()
        self.fake.begin_wizard(INITIAL_PASSWORD)
        self.fake.controller.plugins.update(PLUGINS)
        for name, xml in _FOREIGN.items():
            self.fake.put(name, xml)
        self.foreign = {name: self.fake.jobs()[name] for name in _FOREIGN}
        self.killable = killable
        self.platform = Platform(folder, self.fake.url)
        self.platform.environ |= {"XDG_CACHE_HOME": str(cache), "PATH": "/usr/bin:/bin"}
        self.argv = ["bootstrap", "--yes", "--initial-password-file", self.platform.password_file(INITIAL_PASSWORD)]

    def run(self) -> int:
        return self.killable.run(self.argv, self.platform.folder, self.platform.environ)

    def kill_at(self, number: int, *, before: bool) -> None:
        """Kill the process before or after its NUMBERth request is acted upon."""
        faults = self.fake.faults

        def strike(at: int, request: Request) -> None:
            if at != number:
                return
            self.killable.kill()
            if before:
                faults.drop_before(lambda each: each is request)

        if before:
            faults.on_request = strike
        else:
            faults.on_answer = strike

    def state(self) -> object:
        """Return what there is, but for what differs by chance."""
        controller = self.fake.controller
        return (
            # A lock that a killed run left goes with the next that has something to write.
            sorted(self.fake.jobs().keys() - {"shop/admin/cictl-lock"}),
            {name: sorted(self.fake.views(name)) for name in ("", "shop")},
            {name: self.fake.secrets(name) for name in ("shop", "shop/ci", "shop/deploy")},
            sorted(agent.name for agent in controller.agents),
            controller.wizard_on,
            sorted(controller.security.users),
            sorted(self.fake.tokens().values()),
        )

    def left(self) -> str:
        """Return what the next run finds: what Jenkins did for the last one, and what that kept here."""
        done = [each for each in self.fake.requests if each.method != "GET" and each.status is not None]
        kept = [path for path in (self.platform.folder / "state").rglob("*") if path.is_file()]
        smoke = [each.result for each in self.fake.job(_SMOKE).builds] if _SMOKE in self.fake.jobs() else []
        told = [*(each.path for each in done), *(str(path.relative_to(self.platform.folder)) for path in kept)]
        return repr((sorted(_BY_CHANCE.sub("#", each) for each in told), smoke))


def _world(folder: Path, cache: Path, killable: Killable) -> World:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return World(folder, cache, killable)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory, killable: Killable) -> tuple[object, list[str], Path]:
    """Return what a bootstrap that nobody kills leaves, and the method of each of its requests."""
    cache = tmp_path_factory.mktemp("cache")
    world = _world(tmp_path_factory.mktemp("reference") / "platform", cache, killable)
    assert world.run() == ExitCode.OK, (world.platform.folder / "said").read_text()
    world.fake.stop()
    return world.state(), [each.method for each in world.fake.requests], cache


@pytest.fixture(scope="module")
def converged() -> set[str]:
    """Collect what was left by runs after which another one was seen to converge."""
    return set()


# Modules of many tests are begun first: in parts, these, which take long, are not what is waited for in the end.
_PARTS = {"before": 16, "after": 4}
_CASES = [pytest.param(when, part, id=f"{when}-{part}") for when, parts in _PARTS.items() for part in range(parts)]


@pytest.mark.parametrize(("when", "part"), _CASES)
def test_a_killed_bootstrap_converges(
    tmp_path: Path,
    killable: Killable,
    reference: tuple[object, list[str], Path],
    converged: set[str],
    when: str,
    part: int,
) -> None:
    wanted, methods, cache = reference
    # A process that dies at the answer to a GET leaves what one leaves that dies before it: neither side was changed.
    numbered = [each for each in enumerate(methods, start=1) if when == "before" or each[1] != "GET"]
    strikes = numbered[part :: _PARTS[when]]
    assert strikes
    for number, method in strikes:
        world = _world(tmp_path / "platform", cache, killable)
        world.kill_at(number, before=when == "before")
        where = f"killed {when} request {number} ({method})"
        assert world.run() == -9, where
        said = (world.platform.folder / "said").read_text()
        if (left := world.left()) not in converged:
            assert world.run() == ExitCode.OK, f"{where}: {(world.platform.folder / 'said').read_text()}"
            assert world.state() == wanted, where
            converged.add(left)
        assert {name: world.fake.jobs()[name] for name in _FOREIGN} == world.foreign, where
        assert len(world.fake.controller.push_tokens) <= 2, where
        assert not any(secret in said for secret in (*SECRETS.values(), INITIAL_PASSWORD)), where
        world.fake.stop()
        assert world.fake.unknown == [], where
