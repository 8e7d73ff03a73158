"""What is decided about a repository that has a hook."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cictl.core.push_hook import Chained, Hook, SeenHook, Token, signed
from cictl.core.push_hook_plan import (
    InstallPlan,
    Refusal,
    RemovalPlan,
    Standing,
    plan_installation,
    plan_removal,
)
from cictl.errors import CictlError, Conflict, NotAllowed, NotFound, UsageProblem

TEXT = signed("exit\n")
OURS = SeenHook("/r", Hook.OURS, TEXT, is_executable=True, token=Token.SAME)
CREATED, CHANGED, UNCHANGED = Standing.CREATED, Standing.CHANGED, Standing.UNCHANGED


@pytest.mark.parametrize(
    ("seen", "plan", "standing"),
    [
        pytest.param(SeenHook("/r"), InstallPlan(CREATED, CREATED), CREATED, id="nothing-there"),
        pytest.param(OURS, InstallPlan(UNCHANGED, UNCHANGED), UNCHANGED, id="all-there"),
        pytest.param(replace(OURS, text="older"), InstallPlan(CHANGED, UNCHANGED), CHANGED, id="older"),
        pytest.param(replace(OURS, is_executable=False), InstallPlan(CHANGED, UNCHANGED), CHANGED, id="not-run"),
        pytest.param(replace(OURS, token=Token.OTHER), InstallPlan(UNCHANGED, CHANGED), CHANGED, id="new-token"),
        pytest.param(replace(OURS, token=Token.ABSENT), InstallPlan(UNCHANGED, CREATED), CHANGED, id="token-lost"),
        pytest.param(replace(OURS, is_token_open=True), InstallPlan(UNCHANGED, CHANGED), CHANGED, id="token-open"),
        pytest.param(
            SeenHook("/r", Hook.FOREIGN), InstallPlan(CREATED, CREATED, chains=True), CREATED, id="somebody-s"
        ),
        pytest.param(
            SeenHook("/r", Hook.FOREIGN, chained=Chained.SAME, token=Token.SAME),
            InstallPlan(CREATED, UNCHANGED, chains=True),
            CREATED,
            id="killed-in-the-middle",
        ),
        pytest.param(
            SeenHook("/r", chained=Chained.PRESENT), InstallPlan(CREATED, CREATED), CREATED, id="only-the-chained"
        ),
    ],
)
def test_installation(seen: SeenHook, plan: InstallPlan, standing: Standing) -> None:
    found = plan_installation(seen, TEXT, has_token=True)
    assert found == plan
    assert isinstance(found, InstallPlan)
    assert found.standing is standing


@pytest.mark.parametrize(
    ("seen", "has_token", "error"),
    [
        pytest.param(replace(OURS, hook=Hook.EDITED), True, Conflict, id="edited"),
        pytest.param(SeenHook("/r", Hook.FOREIGN, chained=Chained.PRESENT), True, Conflict, id="two-of-somebody"),
        pytest.param(SeenHook("/r", has_curl=False), True, NotFound, id="no-curl"),
        pytest.param(SeenHook("/r", is_writable=False), True, NotAllowed, id="not-writable"),
        pytest.param(SeenHook("/r"), False, UsageProblem, id="no-token"),
    ],
)
def test_refusals(seen: SeenHook, has_token: bool, error: type[CictlError]) -> None:
    found = plan_installation(seen, TEXT, has_token=has_token)
    assert isinstance(found, Refusal)
    assert (found.error, bool(found.hint)) == (error, True)


def test_a_token_that_is_there_stays() -> None:
    assert plan_installation(replace(OURS, token=Token.PRESENT), TEXT, has_token=False) == InstallPlan(
        UNCHANGED, UNCHANGED
    )


@pytest.mark.parametrize(
    ("seen", "plan", "hook"),
    [
        pytest.param(SeenHook("/r"), RemovalPlan(), UNCHANGED, id="nothing"),
        pytest.param(OURS, RemovalPlan(deletes=True, clears=True), Standing.REMOVED, id="ours"),
        pytest.param(
            replace(OURS, chained=Chained.PRESENT),
            RemovalPlan(restores=True, clears=True),
            Standing.RESTORED,
            id="chained",
        ),
        pytest.param(SeenHook("/r", Hook.FOREIGN), RemovalPlan(), UNCHANGED, id="somebody-s"),
        pytest.param(
            SeenHook("/r", Hook.FOREIGN, chained=Chained.SAME, token=Token.PRESENT),
            RemovalPlan(forgets=True, clears=True),
            UNCHANGED,
            id="killed-in-the-middle",
        ),
        pytest.param(
            SeenHook("/r", Hook.FOREIGN, chained=Chained.PRESENT), RemovalPlan(), UNCHANGED, id="replaced-by-hand"
        ),
        pytest.param(
            SeenHook("/r", token=Token.PRESENT), RemovalPlan(clears=True), UNCHANGED, id="only-a-token-is-left"
        ),
    ],
)
def test_removal(seen: SeenHook, plan: RemovalPlan, hook: Standing) -> None:
    found = plan_removal(seen)
    assert found == plan
    assert isinstance(found, RemovalPlan)
    assert found.hook is hook


def test_an_edited_hook_is_not_removed() -> None:
    assert isinstance(plan_removal(replace(OURS, hook=Hook.EDITED)), Refusal)
