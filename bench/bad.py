"""A bad release under load: until it is found, until nobody is answered by it any more, and how many were."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench import argo
from bench.false_alarms import chance_of_alarm
from bench.figures import Figure, ratio_text, rotated
from bench.report import Table, Topic, goal
from bench.run import Run
from bench.scenes import EVERY_SECONDS, RATE, STEPS, Scene, Stage, failure_limits, false_alarm_rule
from bench.scrapes import second_scrape
from bench.workloads import MAX_RATIO, REPLICAS, WINDOW_SECONDS
from lab.load import Load, Record

TITLE = "A bad release"
SHARES = {"bad30": "30 %", "bad5": "5 %"}
BY_HAND = "bad30"
OURS, SOONEST = "cictl, gate", "Argo, failureLimit 0"
_BEFORE_SECONDS, _AFTER_SECONDS = 1.0, 5.0
_SIMULATED_RUNS = 1000


@dataclass(frozen=True, slots=True)
class Fall:
    """One bad release: seconds to the decision, from there to its last response, and the errors that clients saw.

    `known` is the part of `found` after Prometheus could know.
    """

    found: float | None
    known: float | None
    gone: float
    errors: int


def _method() -> str:
    return f"""\
{REPLICAS} pods, first step {STEPS[0].weight} %, {RATE:g} requests/s, Prometheus scrapes every second. Limit
{MAX_RATIO:.0%} errors, looked at every {EVERY_SECONDS} s: by cictl's gate (alpha 1 %), and by an
AnalysisTemplate in the background of Argo Rollouts (the share of the last {WINDOW_SECONDS} s; with failureLimit
0 the first look above the limit aborts, the soonest that it can; 3 is what its documentation shows;
{failure_limits()["argo-careful"]} is the least that is as careful as cictl). Found: from the first error that a
client saw to the abort that a watch saw. Of that, until and after two scrapes: before and since there was an error and
Prometheus had a bad pod's second scrape, before which there is no rate; until then it has to find the new pod,
which takes up to 5 s and is chance. False alarms: the chance that a release with half the errors of the limit
is aborted within the first step's {STEPS[0].pause_seconds} s, simulated for Argo, by design for cictl. Gone: from
the abort to the last response of the bad version; for undo from the start of the command."""


Falls = Mapping[tuple[str, str], list[Fall]]


def fall_of(records: Sequence[Record], version: str, decided: float, scraped: float | None) -> Fall:
    """Return what clients saw of VERSION, which was DECIDED to go; SCRAPED twice then (seconds since the epoch)."""
    mine = [one for one in records if one.version == version]
    if not mine:
        raise ValueError(f"nobody was answered by {version}")
    errors = [one.scheduled + one.latency for one in mine if not one.is_ok]
    found = decided - min(errors) if errors else None
    known = decided - max(min(errors), scraped) if errors and scraped is not None else None
    return Fall(found, known, max(one.scheduled + one.latency for one in mine) - decided, len(errors))


def measure(run: Run) -> Topic:
    """Release bad versions by each peer in turn, with clients."""
    with run.argo_rollouts():
        stage = Stage(run)
        rows = [(scene, version) for version in SHARES for scene in stage.judged()]
        rows += [(scene, BY_HAND) for scene in stage.by_hand()]
        falls: dict[tuple[str, str], list[Fall]] = {(scene.title, version): [] for scene, version in rows}
        for turn in range(run.repeats):
            for scene, version in rotated(rows, turn):
                run.machine.await_quiet()
                falls[scene.title, version].append(_one(run, scene, version))
                if scene.mend is not None:
                    scene.mend()
    return _topic(run, falls)


def _one(run: Run, scene: Scene, version: str) -> Fall:
    with Load(run.place.service_url(scene.peer), rate=RATE, duration=240, timeout=5.0) as load:
        time.sleep(_BEFORE_SECONDS)
        began = time.time()
        decided = scene.scenario(run.images()[version])
        time.sleep(_AFTER_SECONDS)
        return fall_of(load.stop(), version, decided, second_scrape(run.place, scene.peer, since=began))


def _topic(run: Run, falls: Falls) -> Topic:
    titles = [OURS, *(f"Argo, failureLimit {limit}" for limit in failure_limits().values())]
    found = [_found_row(title, version, falls) for version in SHARES for title in titles]
    undone = [
        [title, SHARES[version], _gone(seen).text(), _errors(seen).text(digits=0)]
        for (title, version), seen in falls.items()
    ]
    return Topic(
        TITLE,
        [_sooner_found(falls, version, rival) for rival in (_as_careful(), SOONEST) for version in SHARES]
        + [_sooner_gone(falls)],
        f"{run.repeats} bad releases by each in turn. {_method()}",
        [
            Table(("finding", "errors", "s until found", f"times Argo {argo.version()}", *_PARTS), found),
            Table(("taking back", "errors", "s until gone", "errors that clients saw"), undone),
        ],
        run.machine.stamp(),
    )


_PARTS = ("of that, s until two scrapes", "s after two scrapes", "false alarms")


def _found_row(title: str, version: str, falls: Falls) -> list[str]:
    mine, argos = _found(falls[title, version]), _found(falls[SOONEST, version])
    seen = falls[title, version]
    known = Figure.of([fall.known for fall in seen])
    waited = Figure.of([fall.found - fall.known for fall in seen if fall.found is not None and fall.known is not None])
    ratio = ratio_text(mine, argos)
    return [title, SHARES[version], mine.text(), ratio, waited.text(), known.text(), _false_alarms(title)]


def _false_alarms(title: str) -> str:
    if title == OURS:
        return "at most 1 %"
    rule = false_alarm_rule(int(title.rpartition(" ")[2]))
    rate = RATE / (REPLICAS + 1)
    chance = chance_of_alarm(rule, ratio=MAX_RATIO / 2, rate=rate, runs=_SIMULATED_RUNS)
    return f"{chance:.0%}".replace("%", " %")


def _found(seen: Sequence[Fall]) -> Figure:
    return Figure.of([fall.found for fall in seen])


def _gone(seen: Sequence[Fall]) -> Figure:
    return Figure.of([fall.gone for fall in seen])


def _errors(seen: Sequence[Fall]) -> Figure:
    return Figure.of([float(fall.errors) for fall in seen])


def _as_careful() -> str:
    return f"Argo, failureLimit {failure_limits()['argo-careful']}"


def _sooner_found(falls: Falls, version: str, rival: str) -> str:
    ratio = _found(falls[OURS, version]).over(_found(falls[rival, version]))
    text = f"{SHARES[version]} errors found sooner than by {rival} ({_false_alarms(rival)} false alarms)"
    return goal(text, is_met=None if ratio is None else ratio < 1)


def _sooner_gone(falls: Falls) -> str:
    ours = Figure.of([fall.gone for version in SHARES for fall in falls[OURS, version]])
    others = [_gone(seen).median for (title, _), seen in falls.items() if not title.startswith("cictl")]
    return goal("gone sooner than with Argo or `kubectl rollout undo`", is_met=ours.median < min(others))
