"""What a driver costs while it waits in a step, beside Argo's controller that waits for the same."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from bench import argo
from bench.counting import CountingProxy
from bench.figures import Figure, ratio_text
from bench.gateway import Gateway, gateway
from bench.peers import Argo, Cictl
from bench.place import Place
from bench.processes import Usage, usage_of
from bench.report import Table, Topic
from bench.run import Run
from bench.workloads import Step, analysis_template
from lab.load import Load

TITLE = "A driver that waits"
STEPS = (Step(20, 600),)
RATE = 20.0
EVERY_SECONDS = 10
WAIT_SECONDS = 60.0
_SETTLE_SECONDS = 15.0
METHOD = f"""\
One release is held in its first step, {RATE:g} requests/s, judged every {EVERY_SECONDS} s by one ratio; the minute
begins {_SETTLE_SECONDS:g} s after the start. Requests are counted by proxies on loopback, memory and CPU by the kernel.
cictl's process ends with its rollout; Argo's controller goes on for the whole cluster, and is fresh here."""
_ANALYSIS = "errors"
MEMORY, PEAK, CPU = "memory after a minute, MiB", "memory at its peak, MiB", "CPU, ms a minute"
API, WATCHES, QUERIES = "API requests a minute", "of them watches opened", "Prometheus queries a minute"
DIGITS = {PEAK: 0, MEMORY: 0, CPU: 0, API: 0, WATCHES: 0, QUERIES: 0}


@dataclass(frozen=True, slots=True)
class Ways:
    """Counted ways to the API server and to Prometheus."""

    api: Gateway
    prometheus: CountingProxy

    def reset(self) -> None:
        """Count from nothing again."""
        self.api.counter.reset()
        self.prometheus.reset()


@contextmanager
def ways(place: Place, name: str) -> Iterator[Ways]:
    """Open ways for one client, called NAME."""
    far = urlsplit(place.prometheus)
    with gateway(place, name) as api, CountingProxy(far.hostname or "", far.port or 80) as prometheus:
        yield Ways(api, prometheus)


Seen = list[dict[str, float]]


def measure(run: Run) -> Topic:
    """Let both wait in the same minutes."""
    cictl, argos = [], []
    program = run.controller_program()
    with argo.custom_resources(run.place, run.layout):
        for _ in range(minutes(run)):
            run.machine.await_quiet()
            ours, theirs = _minute(run, program)
            cictl.append(ours)
            argos.append(theirs)
    return _topic(run, cictl, argos)


def minutes(run: Run) -> int:
    """Return how many minutes are waited: fewer than there are runs of what is shorter."""
    return max(1, (run.repeats + 1) // 2)


def _minute(run: Run, program: Path) -> tuple[dict[str, float], dict[str, float]]:
    place, images = run.place, run.images()
    with ExitStack() as stack:
        mine, theirs = (stack.enter_context(ways(place, name)) for name in ("cictl", "argo"))
        pid = stack.enter_context(argo.controller(place, program, kubeconfig=str(theirs.api.kubeconfig)))
        cictl, rival = _peers(place, mine, theirs)
        for peer in (cictl, rival):
            peer.install(images["v1"])
            stack.enter_context(Load(place.service_url(peer.name), rate=RATE, duration=300))
        process = cictl.start("start", "--image", images["v2"], "--strategy", "judged")
        try:
            rival.set_image(images["v2"])
            time.sleep(_SETTLE_SECONDS)
            found = _wait({process.pid: mine, pid: theirs})
        finally:
            process.terminate()
            process.communicate()
        place.kubectl("delete", "rollouts.argoproj.io,deployments", "--all", "--wait=true")
        place.kubectl("delete", "configmaps,leases", "--all")
    return found[process.pid], found[pid]


def _peers(place: Place, mine: Ways, theirs: Ways) -> tuple[Cictl, Argo]:
    counted = replace(place, variables={**place.variables, "CICTL_LAB_PROMETHEUS": mine.prometheus.url})
    cictl = Cictl(counted, STEPS, every_seconds=EVERY_SECONDS, kubeconfig=str(mine.api.kubeconfig))
    rival = Argo(place, STEPS, analysis=_ANALYSIS)
    place.apply(
        analysis_template(
            _ANALYSIS,
            rival.name,
            prometheus=theirs.prometheus.url,
            every_seconds=EVERY_SECONDS,
            failure_limit=0,
        )
    )
    return cictl, rival


def _wait(waiting: Mapping[int, Ways]) -> dict[int, dict[str, float]]:
    """Wait a minute, and return what each process used and asked in it."""
    before = {pid: usage_of(pid) for pid in waiting}
    for way in waiting.values():
        way.reset()
    time.sleep(WAIT_SECONDS)
    return {pid: _seen(way, before[pid], usage_of(pid)) for pid, way in waiting.items()}


def _seen(way: Ways, before: Usage, after: Usage) -> dict[str, float]:
    api, prometheus = way.api.counter.counts, way.prometheus.counts
    return {
        PEAK: after.peak_memory,
        MEMORY: after.memory,
        CPU: (after.cpu_seconds - before.cpu_seconds) * 1000,
        API: sum(api.values()),
        WATCHES: api.get("WATCH", 0),
        QUERIES: sum(prometheus.values()),
    }


def _topic(run: Run, cictl: Seen, argos: Seen) -> Topic:
    rows = []
    for what, digits in DIGITS.items():
        ours, theirs = (Figure.of([one[what] for one in seen]) for seen in (cictl, argos))
        rows.append([what, ours.text(digits=digits), theirs.text(digits=digits), ratio_text(ours, theirs)])
    return Topic(
        TITLE,
        ["No goal of its own: watches instead of polling wherever the API has them."],
        f"{minutes(run)} minutes, both in the same. {METHOD}",
        [Table(("", "cictl", f"Argo Rollouts {argo.version()}", "times Argo"), rows)],
        run.machine.stamp(),
    )
