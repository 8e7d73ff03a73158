"""The post-receive hook that runs pipelines by itself: its text, and what an installation of it does."""

from __future__ import annotations

import shlex

from cictl.core.push_hook import SeenHook, signed
from cictl.core.push_hook_plan import InstallPlan, Refusal, Standing, hook_standing, host_refusal
from cictl.errors import Conflict

WAIT_LIMIT = "15m"  # for a pusher who wants to see the run; the run itself goes on


def run_hook_text(body: str, *, python: str, place: str) -> str:
    """Return the hook of the repository at PLACE: BODY with its settings before it, under a digest."""
    values = {"python": python, "place": place, "shown": shlex.quote(place), "wait_limit": WAIT_LIMIT}
    return signed(
        "# Runs the pipeline of each pushed branch, in the background. 'cictl hook install --run' wrote it,\n"
        "# 'cictl hook remove' takes it back; what is to run besides belongs into post-receive.before-cictl.\n"
        "# runs: cictl-runs\n" + "".join(f"{name}={shlex.quote(value)}\n" for name, value in values.items()) + body
    )


def plan_run_installation(seen: SeenHook, text: str, *, kept: Standing) -> InstallPlan | Refusal:
    """Decide how TEXT becomes the hook, or say why it cannot; KEPT is what becomes of the runs' settings."""
    if refusal := host_refusal(seen, is_run=True):
        return refusal
    return InstallPlan(hook_standing(seen, text), kept, chains=seen.is_foreign)


def place_problem(place: str) -> Refusal | None:
    """Return why the folder PLACE can have no such hook: its path becomes a line of a script."""
    if place.isprintable():
        return None
    return Refusal(f"the path {place!r} holds what is no letter", "rename that folder", Conflict)
