"""Installs the hook that runs the pipelines of pushes, and says what is there of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cictl.core.push_hook import Hook, SeenHook
from cictl.core.push_hook_plan import InstallPlan, Refusal, Standing
from cictl.core.push_run import PushRun, RunSettings
from cictl.core.push_run_hook import place_problem, plan_run_installation, run_hook_text


class HookHost(Protocol):
    """The machine that keeps the repository, which is this one."""

    def look(self, token: str | None) -> SeenHook:
        """Return what stands there."""

    def install(self, text: str, plan: InstallPlan, token: str | None, *, takes_options: bool = False) -> None:
        """Put the hook in place."""


class Folder(Protocol):
    """Where its runs are kept."""

    def settings(self) -> RunSettings | None:
        """Return what runs are started with."""

    def prepare(self) -> None:
        """Have the folders there."""

    def keep_settings(self, settings: RunSettings) -> None:
        """Have SETTINGS on disk."""

    def runs(self) -> tuple[PushRun, ...]:
        """Return all runs."""

    def worker_log(self) -> tuple[str, ...]:
        """Return what workers last complained of."""


@dataclass(frozen=True, slots=True)
class RunHookInstalled:
    """What was found, and what was, or with a dry run would be, done about it."""

    seen: SeenHook
    plan: InstallPlan
    settings: RunSettings


@dataclass(frozen=True, slots=True)
class RunHookShown:
    """What a repository has of runs."""

    settings: RunSettings | None
    runs: tuple[PushRun, ...]
    complaints: tuple[str, ...]


def install_run_hook(
    host: HookHost, folder: Folder, settings: RunSettings, *, body: str, python: str, is_dry_run: bool = False
) -> RunHookInstalled:
    """Make the hook with SETTINGS stand on HOST, run by the Python of that path; what is there already is not written.

    Raises NotAllowed, and Conflict for a hook that a person must decide on.
    """
    seen = host.look(None)
    text = run_hook_text(body, python=python, place=seen.repository)
    plan = place_problem(seen.repository) or plan_run_installation(seen, text, kept=_standing(folder, settings))
    if isinstance(plan, Refusal):
        raise plan.error(plan.reason, hint=plan.hint)
    if not is_dry_run and plan.standing is not Standing.UNCHANGED:
        folder.prepare()  # before the hook, which writes there
        folder.keep_settings(settings)
        host.install(text, plan, None, takes_options=True)
    return RunHookInstalled(seen, plan, settings)


def show_run_hook(folder: Folder) -> RunHookShown:
    """Return what a repository has of runs."""
    return RunHookShown(folder.settings(), folder.runs(), folder.worker_log())


def is_running(seen: SeenHook, shown: RunHookShown) -> bool:
    """Whether a push is run: a hook of ours that Git runs, with its settings."""
    is_ours = seen.hook in {Hook.OURS, Hook.EDITED}
    return is_ours and seen.runs_pipelines and seen.is_executable and shown.settings is not None


def _standing(folder: Folder, settings: RunSettings) -> Standing:
    there = folder.settings()
    if there is None:
        return Standing.CREATED
    return Standing.UNCHANGED if there == settings else Standing.CHANGED
