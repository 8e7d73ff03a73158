"""What a healthy canary costs beyond its pauses, and what its clients lose, beside kubectl and Argo Rollouts."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from bench import argo
from bench.figures import Figure, ratio_text, rotated
from bench.peers import Argo, Cictl, Kubectl, Peer, Release
from bench.report import Table, Topic, goal
from bench.run import Run
from bench.workloads import REPLICAS, Step
from lab.load import Load

TITLE = "A healthy canary"
STEPS = (Step(20, 5), Step(60, 5))
RATE = 50.0
METHOD = f"""\
{REPLICAS} pods of the chart (preStop sleep 3 s, surge 25 %, none unavailable), steps 20 % → 5 s → 60 % → 5 s → 100 %,
no gate, {RATE:g} requests/s on fresh connections. Time: from the start of `cictl rollout start` to its end; of `kubectl
set image` to the end of `kubectl rollout status`; of `kubectl patch rollout` to the watched status Healthy; less the
pauses. cictl runs as a process of its own each time, Argo's controller was there before. Lost: no answer, or a status
from 400."""
_BEFORE_SECONDS, _AFTER_SECONDS = 1.0, 4.0  # clients ask before, and until the last old pod has ended


@dataclass
class Seen:
    """What was seen of one peer."""

    overheads: list[float] = field(default_factory=list)
    requests: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    parts: dict[str, list[float]] = field(default_factory=dict)

    @property
    def overhead(self) -> Figure:
        """Seconds beyond the configured pauses."""
        return Figure.of(self.overheads)


def measure(run: Run) -> Topic:
    """Roll the same pods out by each peer in turn, with clients."""
    images = run.images()
    with run.argo_rollouts():
        peers: list[Peer] = [Cictl(run.place, STEPS), Kubectl(run.place), Argo(run.place, STEPS)]
        seen = {peer.name: Seen() for peer in peers}
        for peer in peers:
            peer.install(images["v1"])
        for turn in range(run.repeats):
            version = ("v2", "v1")[turn % 2]
            for peer in rotated(peers, turn):
                run.machine.await_quiet()
                _one(run, peer, images[version], seen[peer.name])
    return _topic(run, seen)


def _one(run: Run, peer: Peer, image: str, seen: Seen) -> None:
    with Load(run.place.service_url(peer.name), rate=RATE, duration=180, timeout=5.0) as load:
        time.sleep(_BEFORE_SECONDS)
        release = peer.release(image)
        time.sleep(_AFTER_SECONDS)
        records = load.stop()
    seen.overheads.append(release.seconds - _pauses(peer))
    seen.requests += len(records)
    seen.lost.update(one.error or str(one.status) for one in records if not one.is_ok)
    for part, seconds in _parts(release).items():
        seen.parts.setdefault(part, []).append(seconds)


def _pauses(peer: Peer) -> float:
    has_steps = isinstance(peer, Cictl | Argo)
    return sum(step.pause_seconds for step in STEPS) if has_steps else 0.0


def _parts(release: Release) -> dict[str, float]:
    """Return what a release's time went to, by its marks; each step less its pause."""
    if not release.marks:
        return {}
    at = dict(release.marks)
    return {
        "until the first write: start, plan, checks": at["stepping"] - release.began,
        "first step beyond its pause": at["second step"] - at["stepping"] - STEPS[0].pause_seconds,
        "second step beyond its pause": at["promoting"] - at["second step"] - STEPS[1].pause_seconds,
        "promotion": at["succeeded"] - at["promoting"],
        "after the last write: record, end": release.ended - at["succeeded"],
    }


def _topic(run: Run, seen: dict[str, Seen]) -> Topic:
    rivals = {"cictl": "cictl", "kubectl": "kubectl, without steps", "argo": f"Argo Rollouts {argo.version()}"}
    ours, theirs = seen["cictl"], seen["argo"]
    rows = [
        [title, one.overhead.text(), ratio_text(one.overhead, theirs.overhead), str(one.requests), _lost_text(one.lost)]
        for name, title in rivals.items()
        for one in (seen[name],)
    ]
    parts = [[part, Figure.of(values).text()] for part, values in ours.parts.items()]
    ratio = ours.overhead.over(theirs.overhead)
    return Topic(
        TITLE,
        [
            goal("less beyond the pauses than Argo Rollouts", is_met=None if ratio is None else ratio < 1),
            goal("no request lost", is_met=not ours.lost),
        ],
        f"{run.repeats} releases by each in turn: {METHOD}",
        [
            Table(("", "s beyond the pauses", "times Argo", "requests", "lost"), rows),
            Table(("where cictl's time goes", "s"), parts),
        ],
        run.machine.stamp(),
    )


def _lost_text(lost: Counter[str]) -> str:
    total = sum(lost.values())
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(lost.items()))
    return f"{total} ({kinds})" if total else "0"
