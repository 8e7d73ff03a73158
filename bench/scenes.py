"""What each peer does with a bad image: lets its gate find it, or has it rolled out and taken back by hand."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from bench.false_alarms import Rule, limit_for
from bench.peers import Argo, Cictl, Kubectl, Peer, finish
from bench.place import Follow
from bench.run import Run
from bench.workloads import MAX_RATIO, REPLICAS, WINDOW_SECONDS, Step, analysis_template

STEPS = (Step(20, 60), Step(60, 60))
EVERY_SECONDS = 1
RATE = 80.0  # requests per second
ALPHA = 0.01
_GATE_UNHEALTHY = 10

_SIMULATED_RUNS = 1000

Scenario = Callable[[str], float]  # releases an image that is bad; returns when it was decided to take it back


def false_alarm_rule(failure_limit: int) -> Rule:
    """Return what Argo's analysis does in the first step."""
    return Rule(WINDOW_SECONDS, int(STEPS[0].pause_seconds // EVERY_SECONDS), MAX_RATIO, failure_limit)


def careful_limit() -> int:
    """Return the least failureLimit with which Argo aborts at most ALPHA of releases with half the errors allowed."""
    rate = RATE / (REPLICAS + 1)
    return limit_for(false_alarm_rule(0), chance=ALPHA, ratio=MAX_RATIO / 2, rate=rate, runs=_SIMULATED_RUNS)


@cache
def failure_limits() -> Mapping[str, int]:
    """Return the soonest that Argo can abort, what its documentation shows, and what is as careful as cictl."""
    return {"argo": 0, "argo-limit": 3, "argo-careful": careful_limit()}


@dataclass(frozen=True, slots=True)
class Scene:
    """What is measured of one peer: its name in the cluster, what it does, and how it is made good again."""

    title: str
    peer: str
    scenario: Scenario
    mend: Callable[[], None] | None = None


class Stage:
    """The peers, their good version running."""

    def __init__(self, run: Run) -> None:
        """Install every peer."""
        self._good = run.images()["v1"]
        self._cictl = Cictl(run.place, STEPS, every_seconds=EVERY_SECONDS)
        self._undone = Cictl(run.place, STEPS, name="undone")
        self._kubectl = Kubectl(run.place)
        self._argos = [self._argo(run, name, limit) for name, limit in failure_limits().items()]
        peers: list[Peer] = [self._cictl, self._undone, self._kubectl, *self._argos]
        for peer in peers:
            peer.install(self._good)
        # An undo goes back to what cictl released itself.
        self._undone.command("start", "--image", run.images()["v2"], "--strategy", "direct")

    @staticmethod
    def _argo(run: Run, name: str, limit: int) -> Argo:
        template = analysis_template(
            f"{name}-errors",
            name,
            prometheus=run.place.prometheus,
            every_seconds=EVERY_SECONDS,
            failure_limit=limit,
        )
        run.place.apply(template)
        return Argo(run.place, STEPS, analysis=f"{name}-errors", name=name)

    def judged(self) -> list[Scene]:
        """Return what finds a bad release by itself."""
        return [
            Scene("cictl, gate", self._cictl.name, self._by_gate),
            *(self._by_analysis(peer) for peer in self._argos),
        ]

    def by_hand(self) -> list[Scene]:
        """Return what a person takes back."""
        return [
            Scene("cictl rollout undo, all pods bad", self._undone.name, self._by_undo),
            Scene("kubectl rollout undo, all pods bad", self._kubectl.name, self._by_kubectl),
            Scene("kubectl rollout undo, half of them bad", self._kubectl.name, self._by_kubectl_halfway),
        ]

    def _by_gate(self, image: str) -> float:
        with self._cictl.follow() as follow:
            began = time.time()
            process = self._cictl.start("start", "--image", image, "--strategy", "judged")
            decided = follow.first(lambda fields: fields[0] == "aborting", since=began, what="an abort by the gate")
            finish(process, expect=_GATE_UNHEALTHY)
        return decided

    def _by_analysis(self, peer: Argo) -> Scene:
        def release(image: str) -> float:
            with peer.follow() as follow:
                began = time.time()
                peer.set_image(image)
                return follow.first(lambda fields: fields[3] == "true", since=began, what="an aborted Rollout")

        def mend() -> None:
            peer.release(self._good)

        return Scene(f"Argo, failureLimit {failure_limits()[peer.name]}", peer.name, release, mend)

    def _by_kubectl(self, image: str) -> float:
        self._kubectl.release(image)
        return self._undo()

    def _by_kubectl_halfway(self, image: str) -> float:
        with Follow(self._kubectl.place, "deployment", self._kubectl.name, ".status.updatedReplicas") as follow:
            self._kubectl.set_image(image)
            follow.first(lambda fields: REPLICAS // 2 < int(fields[0] or 0) < REPLICAS, what="half of the pods")
            return self._undo()

    def _undo(self) -> float:
        decided = time.time()
        self._kubectl.undo()
        return decided

    def _by_undo(self, image: str) -> float:
        self._undone.command("start", "--image", image, "--strategy", "direct")
        decided = time.time()
        self._undone.command("undo")
        return decided
