"""How long `cictl --help` takes beside a bare Click program of as many commands, started the same way."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from bench.figures import Figure, ratio_text, rotated
from bench.peers import CICTL
from bench.report import Table, Topic, goal
from bench.run import Run

TITLE = "Start-up: `cictl --help`"
RATIO = 1.5
STARTS = 25
BARE = """\
#!{python}
import sys
import click
@click.group()
def main() -> None:
    "A bare program."
for name in {names!r}:
    @main.command(name)
    def command() -> None:
        "Do something."
if __name__ == "__main__":
    sys.exit(main())
"""
NAMES = ("completion", "config", "doctor", "gate", "image", "rollout")


def measure(run: Run) -> Topic:
    """Start each program many times, in turn."""
    programs = _programs(run.place.folder)
    taken: dict[str, list[float]] = {name: [] for name in programs}
    run.machine.await_quiet()
    for turn in range(STARTS + 1):
        for name in rotated(list(programs), turn):
            seconds = _timed(programs[name])
            if turn:  # the first start of each finds nothing in the page cache
                taken[name].append(seconds)
    figures = {name: Figure.of(values) for name, values in taken.items()}
    bare = figures["bare Click"]
    ratio = figures["cictl"].over(bare)
    rows = [[name, figure.text(digits=0, scale=1000), ratio_text(figure, bare)] for name, figure in figures.items()]
    return Topic(
        TITLE,
        [goal(f"at most {RATIO} times a bare Click program", is_met=None if ratio is None else ratio <= RATIO)],
        f"{STARTS} starts of each in turn, by one interpreter in one environment, until the process has ended.",
        [Table(("`--help` of", "ms", "times bare Click"), rows)],
        run.machine.stamp(),
    )


def _programs(folder: Path) -> dict[str, list[str]]:
    script = folder / "bare-click"
    script.write_text(BARE.format(python=sys.executable, names=NAMES))
    script.chmod(0o755)
    return {
        "cictl": [str(CICTL), "--help"],
        "bare Click": [str(script), "--help"],
        "Python that does nothing": [sys.executable, "-c", "pass"],
    }


def _timed(words: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(words, env=os.environ, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began
