"""When a host is written to, and when it is left alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from cictl.core.push_hook import Hook, SeenHook, Token
from cictl.core.push_hook_plan import InstallPlan, RemovalPlan, Standing
from cictl.core.push_hook_text import HookSettings, hook_text
from cictl.errors import Conflict, UsageProblem
from cictl.services.push_hooks import install_hook, is_telling, remove_hook

SETTINGS = HookSettings("https://ci.example.com", "git@git.example.com:shop/checkout.git")
OURS = SeenHook("/r", Hook.OURS, hook_text("exit\n", SETTINGS), is_executable=True, token=Token.SAME)


@dataclass
class Host:
    seen: SeenHook
    done: list[object] = field(default_factory=list)

    def look(self, token: str | None) -> SeenHook:  # noqa: ARG002 - the protocol's
        return self.seen

    def install(self, text: str, plan: InstallPlan, token: str | None) -> None:
        self.done.append((text, plan.standing, token))

    def remove(self, plan: RemovalPlan) -> None:
        self.done.append(plan)


@pytest.mark.parametrize(
    ("seen", "is_dry_run", "writes"),
    [
        pytest.param(SeenHook("/r"), False, 1, id="new"),
        pytest.param(SeenHook("/r"), True, 0, id="new-but-dry"),
        pytest.param(OURS, False, 0, id="there-already"),
        pytest.param(replace(OURS, token=Token.OTHER), False, 1, id="another-token"),
    ],
)
def test_install_writes_only_what_differs(seen: SeenHook, is_dry_run: bool, writes: int) -> None:
    host = Host(seen)
    done = install_hook(host, SETTINGS, body="exit\n", token="t" * 32, is_dry_run=is_dry_run)
    assert len(host.done) == writes
    assert (done.plan.standing is Standing.UNCHANGED) is (seen is OURS)


@pytest.mark.parametrize(
    ("seen", "is_dry_run", "writes"), [(OURS, False, 1), (OURS, True, 0), (SeenHook("/r"), False, 0)]
)
def test_remove_writes_only_where_it_stands(seen: SeenHook, is_dry_run: bool, writes: int) -> None:
    host = Host(seen)
    remove_hook(host, is_dry_run=is_dry_run)
    assert len(host.done) == writes


def test_nothing_is_asked_of_a_host_for_settings_that_cannot_be() -> None:
    with pytest.raises(UsageProblem, match="no address"):
        install_hook(Host(OURS), replace(SETTINGS, jenkins="ci"), body="", token=None)


def test_a_refusal_writes_nothing() -> None:
    host = Host(replace(OURS, hook=Hook.EDITED))
    for act in (lambda: install_hook(host, SETTINGS, body="", token=None), lambda: remove_hook(host)):
        with pytest.raises(Conflict):
            act()
    assert host.done == []


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (OURS, True),
        (replace(OURS, is_executable=False), False),
        (replace(OURS, token=Token.ABSENT), False),
        (replace(OURS, has_curl=False), False),
        (replace(OURS, hook=Hook.FOREIGN), False),
    ],
)
def test_whether_pushes_are_told(seen: SeenHook, expected: bool) -> None:
    assert is_telling(seen) is expected
