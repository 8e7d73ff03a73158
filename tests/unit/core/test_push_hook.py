"""The hook's text, and what is decided about a repository that has one."""

from __future__ import annotations

import shlex
from dataclasses import replace
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.push_hook import (
    Chained,
    Hook,
    HookSettings,
    InstallPlan,
    Refusal,
    RemovalPlan,
    SeenHook,
    Standing,
    Token,
    hook_text,
    installed_settings,
    plan_installation,
    plan_removal,
    settings_problem,
    whose,
)
from cictl.errors import CictlError, Conflict, NotAllowed, NotFound, UsageProblem

SETTINGS = HookSettings("https://ci.example.com/jenkins", "git@git.example.com:shop/checkout.git")
TEXT = hook_text("exit\n", SETTINGS)
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


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1), st.text())
def test_settings_are_values_and_never_shell(repository: str, body: str) -> None:
    text = hook_text(body, replace(SETTINGS, repository_url=repository))
    assert whose(text) is Hook.OURS
    assert installed_settings(text)["repository"] == repository
    line = next(line for line in text.splitlines() if line.startswith("repository="))
    assert unquote(line.removeprefix("repository=").strip("'")) == repository
    assert len(shlex.split(line)) == 1


@pytest.mark.parametrize(
    "edit", [lambda text: text + "x\n", lambda text: text.replace("workers=4", "workers=9"), lambda text: text[:-1]]
)
def test_edits_are_seen(edit) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - lambdas in a table
    assert whose(edit(TEXT)) is Hook.EDITED


def test_the_first_line_is_the_owners_of_the_machine() -> None:
    assert whose(TEXT.replace("#!/bin/sh", "#!/usr/bin/dash", 1)) is Hook.OURS


@pytest.mark.parametrize(
    "settings",
    [
        HookSettings("ftp://x", "r"),
        HookSettings("http://user:word@ci.example.com", "r"),
        HookSettings('http://x"', "r"),
        HookSettings("http://x?y", "r"),
        HookSettings("http://x/\ny", "r"),
        HookSettings("http://x", ""),
        HookSettings("http://x", "a\nb"),
        HookSettings("http://x", "https://me:word@git.example.com/app.git"),
    ],
)
def test_settings_that_cannot_be(settings: HookSettings) -> None:
    assert settings_problem(settings)


@pytest.mark.parametrize("url", ["http://[::1]:8080", "http://localhost:8080/a/b", "https://ci.example.com"])
def test_settings_that_can_be(url: str) -> None:
    assert settings_problem(replace(SETTINGS, jenkins=url)) is None
