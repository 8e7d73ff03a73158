"""What `cictl hook` prints of runs, for people and for machines; of variables and credentials names alone."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING

from cictl.core.push_hook import Chained, SeenHook, Token
from cictl.core.push_hook_plan import Standing
from cictl.core.push_run import PushRun, RunSettings, State
from cictl.core.quantities import format_duration
from cictl.output import Document
from cictl.services.push_run_hooks import is_running

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cictl.services.push_run_hooks import RunHookInstalled, RunHookShown

_SHORT = 7
_COLUMNS = ("RUN", "BRANCH", "COMMIT", "PUSHED", "RESULT", "TOOK")


def runs_document(runs: Sequence[PushRun], *, now: float) -> Document:
    """Return RUNS as they are NOW, in epoch seconds."""
    rows = tuple(_row(run, now) for run in runs)
    return Document(
        "PushRuns",
        {"runs": [_run_data(run) for run in runs]},
        _COLUMNS,
        rows,
        (*_COLUMNS, "WHY"),
        tuple((*row, run.why or "-") for row, run in zip(rows, runs, strict=True)),
        names=tuple(f"run/{run.number}" for run in runs),
        text=None if runs else "nothing was run",
    )


def stopped_document(run: PushRun, place: str) -> Document:
    """Return how far RUN of the repository at PLACE is stopped."""
    follow = f"cictl hook log {shlex.quote(place)} {run.number} --follow"
    text = f"it is over: {run.outcome}" if run.is_over else f"it is being stopped, and its post runs; {follow}"
    return Document("PushRun", _run_data(run), names=(f"run/{run.number}",), text=f"run {run.number}: {text}")


def run_hook_rows(done: RunHookInstalled) -> list[tuple[str, str, str]]:
    """Return what an installation does to each part."""
    settings = done.settings
    rows = [
        ("hook", done.plan.hook.value, f"runs {settings.jenkinsfile} of each pushed branch"),
        ("settings", done.plan.kept.value, "cictl-runs/settings.json, 0600"),
    ]
    if done.plan.chains or done.seen.chained is not Chained.ABSENT:
        state = Standing.CREATED if done.plan.chains else Standing.UNCHANGED
        rows.append(("chained", state.value, "the hook that was there: post-receive.before-cictl"))
    if done.seen.token is not Token.ABSENT:
        rows.append(("token", Standing.UNCHANGED.value, "of a hook that told Jenkins; it is not used"))
    return rows


def run_hook_document(seen: SeenHook, shown: RunHookShown) -> Document:
    """Return what stands in a repository whose hook runs pipelines."""
    settings = shown.settings or RunSettings()
    counts = {state: sum(run.state is state for run in shown.runs) for state in (State.QUEUED, State.RUNNING)}
    data = {
        "repository": seen.repository,
        "runsPipelines": is_running(seen, shown),
        "hook": seen.hook,
        "jenkinsfile": settings.jenkinsfile,
        "credentials": [_name(each) for each in settings.credentials],
        "libraries": list(settings.libraries),
        "variables": sorted(settings.variables or {}),
        "keep": settings.keep,
        "timeoutSeconds": settings.timeout_seconds,
        "hasChainedHook": seen.chained is not Chained.ABSENT,
        "queued": counts[State.QUEUED],
        "running": counts[State.RUNNING],
        "complaints": list(shown.complaints),
    }
    return Document("PushHook", data, ("WHAT", "VALUE"), tuple(_rows(data, settings)), names=(f"hook/{seen.hook}",))


def _rows(data: dict[str, object], settings: RunSettings) -> list[tuple[str, str]]:
    complaints = data["complaints"]
    return [
        ("repository", str(data["repository"])),
        ("runs pipelines", "yes" if data["runsPipelines"] else "no"),
        ("hook", "cictl's, edited by hand" if data["hook"] == "edited" else "cictl's"),
        ("jenkinsfile", str(data["jenkinsfile"])),
        *((name, _listed(data[name])) for name in ("credentials", "libraries", "variables") if data[name]),
        ("kept", f"{data['keep']} runs of each branch"),
        ("stopped after", format_duration(settings.timeout_seconds)),
        ("chained", "yes" if data["hasChainedHook"] else "no"),
        ("now", f"{data['running']} running, {data['queued']} queued"),
        *(("log", str(line)) for line in (complaints if isinstance(complaints, list) else ())),
    ]


def _listed(names: object) -> str:
    return ", ".join(names) if isinstance(names, list) else ""


def _name(pair: str) -> str:
    return pair.partition("=")[0]


def _row(run: PushRun, now: float) -> tuple[str, ...]:
    pushed = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.pushed_at))
    outcome = run.outcome if run.by is None else f"{run.outcome} by {run.by}"
    return (str(run.number), run.branch, run.commit[:_SHORT], pushed, outcome, _took(run, now))


def _took(run: PushRun, now: float) -> str:
    if run.started_at is None:
        return "-"
    return format_duration(max(0, round((run.ended_at or now) - run.started_at)))


def _run_data(run: PushRun) -> dict[str, object]:
    return {
        "run": run.number,
        "branch": run.branch,
        "commit": run.commit,
        "state": run.state,
        "result": run.result,
        "why": run.why,
        "supersededBy": run.by,
        "attempts": run.attempts,
        "pushedAt": run.pushed_at,
        "startedAt": run.started_at,
        "endedAt": run.ended_at,
    }
