"""Brings the native lab up and down. Both may be called in any state, also after a crash."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from lab import cluster, config, control, golang, images, machine, output, packages, parts, pki
from lab.errors import LabError
from lab.layout import Layout
from lab.parts import Part
from lab.probing import is_ready, wait
from lab.supervisor import HIDDEN

PART_SECONDS = 60.0


def up(layout: Layout) -> None:
    """Bring up what is missing, from packages to the node being ready."""
    with control.locked(layout):
        prepare(layout)
        began = time.monotonic()
        fresh = control.running(layout) is None or not machine.is_connected()
        if fresh:
            _clean(layout)
            _launch(layout)
        config.write(layout)
        started = start_all(layout)
        if fresh:
            cluster.settle(layout)
        cluster.wait_for_node(layout)
        output.note(f"the lab is up ({started} parts started in {time.monotonic() - began:.1f} s)")


def down(layout: Layout) -> None:
    """End the lab and remove what it left; only the route that guards its addresses stays."""
    with control.locked(layout):
        _clean(layout)
        shutil.rmtree(layout.run, ignore_errors=True)


def prepare(layout: Layout) -> None:
    """Install and build what is missing; nothing of it is running yet."""
    layout.cache.mkdir(parents=True, exist_ok=True)
    packages.ensure()
    golang.ensure(layout)
    images.ensure(layout)
    pki.ensure(layout)


def start_all(layout: Layout) -> int:
    """Start the parts that do not run, each as soon as what it waits for is ready; return how many."""
    table = parts.table(layout)
    absent = [part for part in table.values() if part.name not in control.inner_pids(layout)]
    with ThreadPoolExecutor(len(table)) as pool:
        begun: dict[str, Future[None]] = {}
        for part in table.values():
            before = [begun[name] for name in part.after]
            begun[part.name] = pool.submit(_start_after, layout, part, before)
        for future in begun.values():
            future.result()
    return len(absent)


def start_one(layout: Layout, part: Part) -> None:
    """Start a part and return when it is ready."""
    control.start(layout, part)
    hint = f"run 'python -m lab logs {part.name}'"

    def ready() -> bool:
        if part.name not in control.inner_pids(layout):
            raise LabError(f"{part.name} ended as soon as it was started", hint=hint)
        return is_ready(layout, part.ready)

    wait(ready, part.name, timeout_seconds=PART_SECONDS, hint=hint)


def _start_after(layout: Layout, part: Part, before: list[Future[None]]) -> None:
    for future in before:
        future.result()
    began = time.monotonic()
    was_there = part.name in control.inner_pids(layout)
    start_one(layout, part)
    if not was_there:
        output.note(f"{part.name}: ready after {time.monotonic() - began:.1f} s")
    cluster.furnish(layout, part.name)


def _launch(layout: Layout) -> None:
    for directory in (layout.run, layout.logs, layout.docker):
        directory.mkdir(parents=True, exist_ok=True)
    layout.run.chmod(0o700)
    for directory in _hidden():
        directory.mkdir(parents=True, exist_ok=True)
    config.write(layout)
    cluster.seed_registry(layout)
    machine.guard()
    machine.make_cgroups()
    lab = control.launch(layout)
    machine.connect(lab.holder.pid)


def _clean(layout: Layout) -> None:
    """End whatever of the lab still runs, and remove what it left."""
    if lab := control.recorded(layout):
        machine.end(lab.holder)
        machine.end(lab.first)
    machine.disconnect()
    machine.remove_cgroups()
    shutil.rmtree(layout.state, ignore_errors=True)
    if layout.run.exists():
        for entry in layout.run.iterdir():
            entry.unlink()
    for directory in _hidden():
        if directory.is_dir() and not any(directory.iterdir()):
            directory.rmdir()


def _hidden() -> list[Path]:
    return [directory for directory in HIDDEN if directory.parts[-1] != "log"]
