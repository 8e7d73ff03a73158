"""Installs, shows and takes back the hook by which a Git server tells Jenkins of a push."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cictl.core.push_hook import Hook, SeenHook, Token
from cictl.core.push_hook_plan import InstallPlan, Refusal, RemovalPlan, Standing, plan_installation, plan_removal
from cictl.core.push_hook_text import HookSettings, hook_text, settings_problem
from cictl.errors import UsageProblem


class HookHost(Protocol):
    """The machine that keeps one repository."""

    def look(self, token: str | None) -> SeenHook:
        """Return what stands there."""

    def install(self, text: str, plan: InstallPlan, token: str | None) -> None:
        """Put the hook in place."""

    def remove(self, plan: RemovalPlan) -> None:
        """Take the hook away."""


@dataclass(frozen=True, slots=True)
class Installed:
    """What was found, and what was, or with a dry run would be, done about it."""

    seen: SeenHook
    plan: InstallPlan
    settings: HookSettings


@dataclass(frozen=True, slots=True)
class Removed:
    """What was found, and what was, or with a dry run would be, taken back."""

    seen: SeenHook
    plan: RemovalPlan


def install_hook(
    host: HookHost, settings: HookSettings, *, body: str, token: str | None, is_dry_run: bool = False
) -> Installed:
    """Make the hook with SETTINGS stand on HOST; a repository that has it already is not written to.

    Raises UsageProblem for settings that cannot be, NotFound without curl, NotAllowed, and Conflict for a hook that a
    person must decide on.
    """
    if problem := settings_problem(settings):
        raise UsageProblem(problem, hint="see 'cictl hook install --help'")
    seen = host.look(token)
    text = hook_text(body, settings)
    plan = plan_installation(seen, text, has_token=token is not None)
    if isinstance(plan, Refusal):
        raise plan.error(plan.reason, hint=plan.hint)
    if not is_dry_run and plan.standing is not Standing.UNCHANGED:
        host.install(text, plan, token)
    return Installed(seen, plan, settings)


def remove_hook(host: HookHost, *, is_dry_run: bool = False) -> Removed:
    """Take the hook back from HOST, and restore the one before it."""
    seen = host.look(None)
    plan = plan_removal(seen)
    if isinstance(plan, Refusal):
        raise plan.error(plan.reason, hint=plan.hint)
    if not is_dry_run and not plan.is_empty:
        host.remove(plan)
    return Removed(seen, plan)


def show_hook(host: HookHost) -> SeenHook:
    """Return what stands on HOST."""
    return host.look(None)


def is_telling(seen: SeenHook) -> bool:
    """Whether a push is told to Jenkins: a hook of ours that Git runs, with a token and curl."""
    return (
        seen.hook in {Hook.OURS, Hook.EDITED}
        and seen.is_executable
        and seen.token is not Token.ABSENT
        and seen.has_curl
    )
