"""How long a local run of a pipeline takes: its start, and 50 `sh` steps beside a shell script that does the same."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Figure, ratio_text, rotated
from bench.peers import CICTL
from bench.report import Table, Topic, goal
from bench.run import Run

TITLE = "Pipelines: `cictl pipeline run`"
START_SECONDS = 1.5
SHELLS = 50
WORK = "sleep 0.05"  # what each of them does: about what the least of real commands takes
ECHO, SANDBOXED, NO_OP = "one echo", "one echo, in the sandbox", "cictl --version"
STEPS, SCRIPT, IDLE, IDLE_SCRIPT = f"{SHELLS} sh", f"{SHELLS} sh -xe", f"{SHELLS} empty sh", f"{SHELLS} empty sh -xe"
_PIPELINE = "pipeline {{\n  agent any\n  stages {{ stage('S') {{ steps {{\n{steps}\n  }} }} }}\n}}\n"


def measure(run: Run) -> Topic:
    """Run each in turn; the first turn builds the runner, and counts for nothing."""
    programs = _programs(run.place.folder)
    taken: dict[str, list[float]] = {name: [] for name in programs}
    for turn in range(run.repeats + 1):
        run.machine.await_quiet()
        for name in rotated(list(programs), turn):
            seconds = _timed(programs[name], run.place.folder)
            if turn:
                taken[name].append(seconds)
    return _topic(run, {name: Figure.of(values) for name, values in taken.items()})


def _programs(folder: Path) -> dict[str, list[str]]:
    pipeline = [str(CICTL), "pipeline", "run"]
    return {
        NO_OP: [str(CICTL), "--version"],
        ECHO: [*pipeline, _jenkinsfile(folder, "echo", ["echo 'hello'"])],
        SANDBOXED: [*pipeline, "--sandbox", _jenkinsfile(folder, "echo", ["echo 'hello'"])],
        STEPS: [*pipeline, _jenkinsfile(folder, "steps", [f"sh '{WORK}'"] * SHELLS)],
        SCRIPT: ["sh", _script(folder, "script", WORK)],
        IDLE: [*pipeline, _jenkinsfile(folder, "idle", ["sh 'true'"] * SHELLS)],
        IDLE_SCRIPT: ["sh", _script(folder, "idle-script", "true")],
    }


def _jenkinsfile(folder: Path, name: str, steps: Sequence[str]) -> str:
    path = folder / f"{name}.Jenkinsfile"
    path.write_text(_PIPELINE.format(steps="\n".join(steps)))
    return str(path)


def _script(folder: Path, name: str, work: str) -> str:
    """Write a script that starts a shell for each command, as Jenkins and the runner do."""
    path = folder / f"{name}.sh"
    path.write_text("\n".join([f"sh -xe -c '{work}'"] * SHELLS))
    return str(path)


def _timed(words: Sequence[str], folder: Path) -> float:
    environ = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}
    began = time.perf_counter()
    subprocess.run(words, cwd=folder, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def _topic(run: Run, figures: dict[str, Figure]) -> Topic:
    each_ms = (figures[IDLE].median - figures[ECHO].median) / SHELLS * 1000
    method = (
        f"{run.repeats} runs of each in turn, from start to end, once the runner is built. The script starts "
        f"`sh -xe` {SHELLS} times as the steps do; each runs `{WORK}`, or nothing. A step that does nothing takes "
        f"{each_ms:.0f} ms, beyond the start."
    )
    is_quick = figures[ECHO].median <= START_SECONDS
    return Topic(
        TITLE,
        [goal(f"a pipeline of one echo from start to end in at most {START_SECONDS} s", is_met=is_quick)],
        method,
        [
            _table("from start to end", (NO_OP, ECHO, SANDBOXED), figures, NO_OP),
            _table(f"`{WORK}`", (SCRIPT, STEPS), figures, SCRIPT),
            _table("nothing", (IDLE_SCRIPT, IDLE), figures, IDLE_SCRIPT),
        ],
        run.machine.stamp(),
    )


def _table(head: str, names: Sequence[str], figures: dict[str, Figure], floor: str) -> Table:
    rows = [[name, figures[name].text(), ratio_text(figures[name], figures[floor])] for name in names]
    return Table((head, "seconds", "ratio"), rows)
