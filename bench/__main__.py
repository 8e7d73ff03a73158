"""`python -m bench [NAME...]`: measure, and write what was measured into bench/RESULTS.md."""

from __future__ import annotations

import argparse
import compileall
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

import cictl
from bench import bad, healthy, jobs, pipeline, render, service_pipeline, waiting
from bench import help as help_topic
from bench.machine import Machine
from bench.place import Place, namespace
from bench.report import Topic, merged
from bench.run import Run
from lab import control, environment, output
from lab.layout import default_layout

RESULTS = Path(__file__).with_name("RESULTS.md")
TOPICS: Mapping[str, Callable[[Run], Topic]] = {
    "help": help_topic.measure,
    "healthy": healthy.measure,
    "bad": bad.measure,
    "waiting": waiting.measure,
    "render": render.measure,
    "jobs": jobs.measure,
    "pipeline": pipeline.measure,
    "service": service_pipeline.measure,
}
WITHOUT_LAB = {"render", "jobs", "pipeline"}
ORDER = (
    help_topic.TITLE,
    healthy.TITLE,
    bad.TITLE,
    waiting.TITLE,
    render.TITLE,
    jobs.TITLE,
    pipeline.TITLE,
    service_pipeline.TITLE,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the topics that are named, all if none is."""
    options = _parser().parse_args(arguments)
    compileall.compile_dir(Path(cictl.__file__).parent, quiet=1)  # as pip did for the peers
    names = options.names or list(TOPICS)
    layout = default_layout()
    variables: Mapping[str, str] = {}
    if not WITHOUT_LAB.issuperset(names):
        control.require(layout)
        variables = environment.native(layout, os.environ.get("PATH", os.defpath))
        os.environ["PATH"] = variables["PATH"]  # programs are looked up where this process looks
    with tempfile.TemporaryDirectory(prefix="cictl-bench-") as folder:
        place = Place(variables, Path(folder))
        for name in names:
            where = nullcontext() if name in WITHOUT_LAB else namespace(place)
            with output.step(f"measuring {name}"), where:
                topic = TOPICS[name](Run(place, layout, Machine(options.patience), options.repeats))
            _keep(topic)
            output.show(topic.section())
    return 0


def _keep(topic: Topic) -> None:
    """Write what one topic measured at once, so that a later failure loses nothing."""
    old = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else ""
    RESULTS.write_text(merged(old, [topic], ORDER), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m bench", description="Measure cictl beside its peers, on the lab.")
    made.add_argument("names", metavar="NAME", nargs="*", choices=[*TOPICS, []], help=f"of {', '.join(TOPICS)}")
    made.add_argument("--repeats", type=int, default=5, help="runs of each peer (%(default)s)")
    made.add_argument("--patience", type=float, default=60.0, help="seconds to wait for a quiet machine (%(default)s)")
    return made


if __name__ == "__main__":
    sys.exit(main())
