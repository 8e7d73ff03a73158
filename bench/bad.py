"""A bad release under load: until it is found, until nobody is answered by it any more, and how many were."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench import argo
from bench.figures import Figure, ratio_text, rotated
from bench.peers import Argo, Cictl, Kubectl, finish
from bench.place import Follow
from bench.report import Table, Topic, goal
from bench.run import Run
from bench.workloads import MAX_RATIO, REPLICAS, Step, analysis_template
from lab.load import Load, Record

TITLE = "A bad release"
STEPS = (Step(20, 60), Step(60, 60))
RATE = 80.0
SHARES = {"bad30": "30 %", "bad5": "5 %"}
METHOD = f"""\
{REPLICAS} pods, first step 20 %, {RATE:g} requests/s, Prometheus scrapes every second. Limit {MAX_RATIO:.0%} errors,
looked at every second: by cictl's gate (alpha 1 %), and by an AnalysisTemplate in the background of Argo Rollouts (the
share of the last 10 s, failureLimit 0: the first look above the limit aborts, which is the soonest that it can, without
a bound on false alarms). Found: from the first error that a client saw to the abort that a watch saw. Gone: from there
to the last response of the bad version; for undo from the start of the command."""
_GATE_UNHEALTHY = 10
_BEFORE_SECONDS, _AFTER_SECONDS = 1.0, 5.0
_ANALYSIS = "errors"


@dataclass(frozen=True, slots=True)
class Fall:
    """One bad release: seconds to the decision, from there to its last response, and the errors that clients saw."""

    found: float | None
    gone: float
    errors: int


def fall_of(records: Sequence[Record], version: str, decided: float) -> Fall:
    """Return what clients saw of VERSION, of which was decided to take it back at DECIDED (seconds since the epoch)."""
    mine = [one for one in records if one.version == version]
    if not mine:
        raise ValueError(f"nobody was answered by {version}")
    errors = [one.scheduled + one.latency for one in mine if not one.is_ok]
    found = decided - min(errors) if errors else None
    return Fall(found, max(one.scheduled + one.latency for one in mine) - decided, len(errors))


Scenario = Callable[[str], float]  # releases an image that is bad, and returns when it was decided to take it back


class Scenes:
    """The peers, and what each does with a bad image."""

    def __init__(self, run: Run) -> None:
        """Have every peer's good version run."""
        self._good = run.images()["v1"]
        self.cictl, self.undone = Cictl(run.place, STEPS), Cictl(run.place, STEPS, name="undone")
        self.kubectl, self.argo = Kubectl(run.place), Argo(run.place, STEPS, analysis=_ANALYSIS)
        run.place.apply(
            analysis_template(
                _ANALYSIS, self.argo.name, prometheus=run.place.prometheus, every_seconds=1, failure_limit=0
            )
        )
        for peer in (self.cictl, self.undone, self.kubectl, self.argo):
            peer.install(self._good)
        # An undo goes back to what cictl released itself.
        self.undone.command("start", "--image", run.images()["v2"], "--strategy", "direct")

    def by_gate(self, image: str) -> float:
        """Let cictl's gate find it."""
        with self.cictl.follow() as follow:
            process = self.cictl.start("start", "--image", image, "--strategy", "judged")
            decided = follow.first(lambda fields: fields[0] == "aborting", what="an abort by the gate")
            finish(process, expect=_GATE_UNHEALTHY)
        return decided

    def by_analysis(self, image: str) -> float:
        """Let Argo's analysis find it."""
        with self.argo.follow() as follow:
            self.argo.begin(image)
            return self.argo.await_aborted(follow)

    def mend_argo(self) -> None:
        """Bring the good image back, as a person does after an abort."""
        self.argo.release(self._good)

    def by_hand(self, image: str) -> float:
        """Have it rolled out by kubectl, all of it, and take it back by kubectl."""
        self.kubectl.release(image)
        decided = time.time()
        self.kubectl.undo()
        return decided

    def by_hand_halfway(self, image: str) -> float:
        """Take it back by kubectl when about half of the pods are new."""
        with Follow(self.kubectl.place, "deployment", self.kubectl.name, ".status.updatedReplicas") as follow:
            self.kubectl.begin(image)
            follow.first(lambda fields: REPLICAS // 2 < int(fields[0] or 0) < REPLICAS, what="half of the pods")
            decided = time.time()
            self.kubectl.undo()
        return decided

    def by_undo(self, image: str) -> float:
        """Have it rolled out by cictl, all of it and without a gate, and take it back by cictl."""
        self.undone.command("start", "--image", image, "--strategy", "direct")
        decided = time.time()
        self.undone.command("undo")
        return decided


@dataclass(frozen=True, slots=True)
class Row:
    """What is measured of one peer with one bad version: the peer's name in the cluster, and the scenario."""

    title: str
    version: str
    peer: str
    scenario: Scenario
    mend: Callable[[], None] | None = None


def rows_of(scenes: Scenes) -> list[Row]:
    """Return every scenario."""
    found = [
        row
        for version in SHARES
        for row in (
            Row("cictl, gate", version, "cictl", scenes.by_gate),
            Row("Argo, analysis", version, "argo", scenes.by_analysis, scenes.mend_argo),
        )
    ]
    undone = [
        Row("cictl undo, all pods bad", "bad30", "undone", scenes.by_undo),
        Row("kubectl rollout undo, all pods bad", "bad30", "kubectl", scenes.by_hand),
        Row("kubectl rollout undo, half of them bad", "bad30", "kubectl", scenes.by_hand_halfway),
    ]
    return [*found, *undone]


def measure(run: Run) -> Topic:
    """Release bad versions by each peer in turn, with clients."""
    images = run.images()
    with run.argo_rollouts():
        rows = rows_of(Scenes(run))
        falls: dict[tuple[str, str], list[Fall]] = {(row.title, row.version): [] for row in rows}
        for turn in range(run.repeats):
            for row in rotated(rows, turn):
                run.machine.await_quiet()
                falls[row.title, row.version].append(_one(run, row, images[row.version]))
                if row.mend is not None:
                    row.mend()
    return _topic(run, falls)


def _one(run: Run, row: Row, image: str) -> Fall:
    with Load(run.place.service_url(row.peer), rate=RATE, duration=240, timeout=5.0) as load:
        time.sleep(_BEFORE_SECONDS)
        decided = row.scenario(image)
        time.sleep(_AFTER_SECONDS)
        return fall_of(load.stop(), row.version, decided)


def _topic(run: Run, falls: dict[tuple[str, str], list[Fall]]) -> Topic:
    found = [_found_row(title, version, falls) for title, version in falls if version == "bad5" or _is_judged(title)]
    undone = [[title, _gone(seen).text(), _errors(seen).text(digits=0)] for (title, _), seen in falls.items()]
    return Topic(
        TITLE,
        [_sooner_found(falls, version) for version in SHARES] + [_sooner_gone(falls)],
        f"{run.repeats} bad releases by each in turn. {METHOD}",
        [
            Table(("finding", "errors", "s until found", f"times Argo {argo.version()}"), found),
            Table(("taking back", "s until gone", "errors that clients saw"), undone),
        ],
        run.machine.stamp(),
    )


def _is_judged(title: str) -> bool:
    return title in {"cictl, gate", "Argo, analysis"}


def _found_row(title: str, version: str, falls: dict[tuple[str, str], list[Fall]]) -> list[str]:
    mine, argos = (Figure.of([fall.found for fall in falls[name, version]]) for name in (title, "Argo, analysis"))
    return [title, SHARES[version], mine.text(), ratio_text(mine, argos)]


def _gone(seen: Sequence[Fall]) -> Figure:
    return Figure.of([fall.gone for fall in seen])


def _errors(seen: Sequence[Fall]) -> Figure:
    return Figure.of([float(fall.errors) for fall in seen])


def _sooner_found(falls: dict[tuple[str, str], list[Fall]], version: str) -> str:
    ours, theirs = (
        Figure.of([fall.found for fall in falls[name, version]]) for name in ("cictl, gate", "Argo, analysis")
    )
    ratio = ours.over(theirs)
    return goal(f"{SHARES[version]} errors found sooner than by Argo", is_met=None if ratio is None else ratio < 1)


def _sooner_gone(falls: dict[tuple[str, str], list[Fall]]) -> str:
    ours = Figure.of([fall.gone for version in SHARES for fall in falls["cictl, gate", version]])
    others = [_gone(seen).median for (title, _), seen in falls.items() if not title.startswith("cictl")]
    return goal("gone sooner than with Argo or `kubectl rollout undo`", is_met=ours.median < min(others))
