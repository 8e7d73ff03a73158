"""How long a Job Builder tree takes to render, beside `jenkins-jobs test`: cold, and with nothing changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.figures import Figure, ratio_text, rotated
from bench.job_tree import make_tree
from bench.peers import CICTL
from bench.report import Table, Topic, goal
from bench.run import Run

TITLE = "Jobs: rendering a Job Builder tree"
SIZES = (1_000, 5_000)
COLD_RATIO, UNCHANGED_RATIO = 3.0, 50.0
PEER, COLD, UNCHANGED = "jenkins-jobs 6.5.0", "cictl, cold", "cictl, nothing changed"
_MEBIBYTE = 1024
_JENKINS_JOBS = Path(sys.executable).with_name("jenkins-jobs")


@dataclass
class Taken:
    """What the runs of one peer took: seconds, and the most memory in MiB."""

    seconds: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def measure(run: Run) -> Topic:
    """Render trees of each size by each peer, in turn; all must print the same."""
    goals, tables = [], []
    for size in SIZES:
        tree = run.place.folder / f"tree-{size}"
        made = make_tree(tree, size)
        taken = _taken(run, tree)
        goals += _goals(made, taken)
        tables.append(_table(made, taken))
    method = (
        f"{run.repeats} runs of each in turn, from start to end, into a file; the files are compared. "
        "Cold is with an empty cache; nothing changed is with what the cold run kept of the same tree."
    )
    return Topic(TITLE, goals, method, tables, run.machine.stamp())


def _taken(run: Run, tree: Path) -> Mapping[str, Taken]:
    cache = run.place.folder / "cache"
    taken = {name: Taken() for name in (PEER, COLD, UNCHANGED)}
    digests = set()
    for turn in range(run.repeats + 1):
        run.machine.await_quiet()
        for name in rotated([PEER, COLD], turn):
            shutil.rmtree(cache, ignore_errors=True)
            digests.add(_run(_words(name, tree), cache, taken[name], is_counted=turn > 0))
            if name == COLD:
                digests.add(_run(_words(UNCHANGED, tree), cache, taken[UNCHANGED], is_counted=turn > 0))
    if len(digests) > 1:
        raise RuntimeError("the peers do not print the same")
    return taken


def _words(name: str, tree: Path) -> list[str]:
    if name == PEER:
        return [str(_JENKINS_JOBS), "test", "-r", str(tree)]
    return [str(CICTL), "jobs", "render", "-r", str(tree)]


def _run(words: Sequence[str], cache: Path, taken: Taken, *, is_counted: bool) -> str:
    """Run WORDS and return the digest of what they print; the first run finds nothing in the page cache."""
    variables = {**os.environ, "XDG_CACHE_HOME": str(cache), "HOME": str(cache.parent)}
    printed = cache.with_name("printed")
    with printed.open("wb") as file:
        began = time.perf_counter()
        process = subprocess.Popen(words, env=variables, stdout=file, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{words[0]} ended with {process.returncode}")
    if is_counted:
        taken.seconds.append(seconds)
        taken.memory.append(usage.ru_maxrss / _MEBIBYTE)
    return hashlib.sha256(printed.read_bytes()).hexdigest()


def _goals(jobs: int, taken: Mapping[str, Taken]) -> list[str]:
    seconds = {name: Figure.of(each.seconds) for name, each in taken.items()}
    memory = {name: Figure.of(each.memory) for name, each in taken.items()}
    return [
        goal(f"{jobs:,} jobs cold at least {COLD_RATIO:g} times as fast", is_met=_is_faster(seconds, COLD, COLD_RATIO)),
        goal(
            f"{jobs:,} unchanged jobs at least {UNCHANGED_RATIO:g} times as fast",
            is_met=_is_faster(seconds, UNCHANGED, UNCHANGED_RATIO),
        ),
        goal(f"{jobs:,} jobs in no more memory", is_met=memory[COLD].median <= memory[PEER].median),
    ]


def _is_faster(seconds: Mapping[str, Figure], name: str, ratio: float) -> bool:
    return seconds[PEER].median >= ratio * seconds[name].median


def _table(jobs: int, taken: Mapping[str, Taken]) -> Table:
    peer = Figure.of(taken[PEER].seconds)
    rows = [
        [
            name,
            Figure.of(each.seconds).text(),
            ratio_text(peer, Figure.of(each.seconds)),
            Figure.of(each.memory).text(digits=0),
        ]
        for name, each in taken.items()
    ]
    return Table((f"{jobs:,} jobs", "seconds", "times as fast", "MiB at most"), rows)
