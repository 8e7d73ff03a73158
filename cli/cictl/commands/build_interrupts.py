"""Ctrl-C while a build is watched: a terminal is asked whether to stop it; elsewhere it goes on, and is told how to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from cictl.errors import CictlError

if TYPE_CHECKING:
    from cictl.core.jenkins_builds import Build
    from cictl.wiring.app import App
    from cictl.wiring.builds import BuildTools

_STOP_SECONDS = 60.0


@dataclass(slots=True)
class Watched:
    """What is under way: asked for, in the queue, or a build."""

    full_name: str
    queue_id: int | None = None
    build: Build | None = None

    @property
    def label(self) -> str:
        """What messages call it."""
        if self.build is not None:
            return self.build.label
        return self.full_name if self.queue_id is None else f"{self.full_name} (queue item {self.queue_id})"

    @property
    def how_to_stop(self) -> str:
        """The command that stops it."""
        if self.build is not None:
            return f"cictl build stop --job {self.full_name} --build {self.build.number}"
        if self.queue_id is not None:
            return f"cictl build stop --job {self.full_name} --queued {self.queue_id}"
        return f"cictl build list --job {self.full_name}"


@contextmanager
def watching(app: App, tools: BuildTools, watched: Watched) -> Iterator[Watched]:
    """Watch WATCHED; whatever an interrupt does to it, the interrupt goes on."""
    try:
        yield watched
    except KeyboardInterrupt as stop:
        _interrupted(app, tools, watched, is_person=type(stop) is KeyboardInterrupt)
        raise


def _interrupted(app: App, tools: BuildTools, watched: Watched, *, is_person: bool) -> None:
    if watched.queue_id is None and watched.build is None:
        app.output.progress(f"{watched.label} may have been started: see '{watched.how_to_stop}'")
        return
    if is_person and sys.stdin.isatty() and app.output.is_watched:
        try:
            if app.output.confirm(f"\nStop {watched.label}? (Ctrl-C again leaves it running)", assume_yes=False):
                _stop(app, tools, watched)
                return
        except (KeyboardInterrupt, click.Abort):
            app.output.text("", err=True)
        except CictlError as problem:
            app.output.progress(f"it was not stopped: {problem.message}")
    app.output.progress(f"{watched.label} goes on; stop it with '{watched.how_to_stop}'")


def _stop(app: App, tools: BuildTools, watched: Watched) -> None:
    if watched.build is None and watched.queue_id is not None:
        tools.desk.cancel(watched.full_name, watched.queue_id)
        app.output.progress(f"{watched.label} is out of the queue")
    elif watched.build is not None:
        ended = tools.desk.stop(watched.build, timeout_seconds=_STOP_SECONDS)
        app.output.progress(f"{ended.label} ended as {ended.result}")
