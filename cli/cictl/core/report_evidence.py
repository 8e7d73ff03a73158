"""Reads what a release kept of its rollout: phases and steps, pods over time, what the gate measured.

Anybody who may write ConfigMaps may have written it, and older versions kept less: what does not fit is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cictl.core.evidence import Evidence
from cictl.core.ratio_interval import ratio_interval
from cictl.core.record import ReleaseRecord
from cictl.core.release import LAST_SECOND, time_of
from cictl.core.report import Happening, Measured, Pods, Span
from cictl.core.rollout_state import Phase

Json = Mapping[str, Any]
CONFIDENCE_ALPHA = 0.05
_ENDED = frozenset(phase.value for phase in Phase if phase.is_terminal)
_LARGEST_COUNT = 10**15
_MOST_EVENTS = 10**7  # beyond, an interval is as narrow as the figure itself, and takes long


@dataclass(frozen=True, slots=True)
class Place:
    """A phase, and the step in it (from 0)."""

    phase: str
    step: int | None


def spans_of(record: ReleaseRecord, events: Sequence[Json], finished: str) -> tuple[Span, ...]:
    """Return the phases and steps of the rollout in order; the last ends at FINISHED (RFC 3339) where that is known."""
    spans: list[Span] = [Span(Phase.PREPARING.value, record.created)]
    place = Place(Phase.PREPARING.value, None)
    for event in events:
        at, found = _time(event.get("at")), _place(event)
        if at is None or found is None:
            continue
        verdict = _verdict(event.get("gate"))
        if found == place:
            spans[-1] = replace(spans[-1], verdict=verdict or spans[-1].verdict)
            continue
        spans[-1] = _ended(spans[-1], event, at)
        place = found
        if found.phase in _ENDED:
            break
        spans.append(replace(_span(record, found, at), verdict=None if _is_act(event) else verdict))
    return _closed(spans, time_of(finished))


def _ended(span: Span, event: Json, at: float) -> Span:
    """Return SPAN as EVENT ended it; what prepared the rollout ends by itself."""
    if span.phase == Phase.PREPARING.value:
        return replace(span, ended=at)
    verdict = _verdict(event.get("gate")) if _is_act(event) else None
    return replace(span, ended=at, why=_text(event.get("why")), verdict=verdict or span.verdict)


def _is_act(event: Json) -> bool:
    """Whether EVENT changed where the rollout is; its gate is then that of the phase which it ended."""
    return event.get("action") == "write"


def _closed(spans: list[Span], finished: float | None) -> tuple[Span, ...]:
    if spans[-1].ended is None and finished is not None:
        spans[-1] = replace(spans[-1], ended=max(finished, spans[-1].began))
    return tuple(spans)


def _span(record: ReleaseRecord, place: Place, at: float) -> Span:
    steps = record.strategy.steps
    if place.step is None:
        return Span(place.phase, at)
    weight = steps[place.step].weight if place.step < len(steps) else None
    return Span(place.phase, at, step=place.step + 1, weight=weight)


def _place(event: Json) -> Place | None:
    phase, step = event.get("phase"), event.get("step")
    if not isinstance(phase, str):
        return None
    return Place(phase, step if phase == Phase.STEPPING.value and isinstance(step, int) and step >= 0 else None)


def happenings_of(events: Sequence[Json]) -> tuple[Happening, ...]:
    """Return the events for people, oldest first."""
    return tuple(found for event in events if (found := _happening(event)) is not None)


def _happening(event: Json) -> Happening | None:
    at, place = _time(event.get("at")), _place(event)
    if at is None:
        return None
    gate = event.get("gate")
    reason = _text(gate.get("reason")) if isinstance(gate, dict) else ""
    where = "" if place is None else _where(place)
    return Happening(at, _text(event.get("action")), where, _text(event.get("why")), _verdict(gate), reason)


def _where(place: Place) -> str:
    return place.phase if place.step is None else f"step {place.step + 1}"


def pods_of(evidence: Evidence) -> tuple[Pods, ...]:
    """Return the pods over time."""
    return tuple(found for point in evidence.pods if (found := _pods(point)) is not None)


def _pods(point: Json) -> Pods | None:
    at, old, new = _time(point.get("at")), _pair(point.get("old")), _pair(point.get("new"))
    return None if at is None or old is None or new is None else Pods(at, *old, *new)


def _pair(found: object) -> tuple[int, int] | None:
    if not isinstance(found, list) or len(found) != len(("ready", "wanted")):
        return None
    ready, wanted = _count(found[0]), _count(found[1])
    return None if ready is None or wanted is None else (ready, wanted)


def looks_of(evidence: Evidence, name: str) -> tuple[Measured, ...]:
    """Return every look that was kept of the check called NAME, oldest first."""
    series = evidence.looks or [gate for event in evidence.events if (gate := event.get("gate"))]
    found = [measured for look in series for measured in _of_check(look, name)]
    return tuple({measured.at: measured for measured in found}.values())


def check_names(evidence: Evidence) -> tuple[str, ...]:
    """Return the names of all checks that were ever taken, in their order."""
    gates = [event.get("gate") for event in evidence.events]
    return tuple(dict.fromkeys(_text(raw.get("name")) for look in [*gates, *evidence.looks] for raw in _checks(look)))


def results_of(evidence: Evidence, spans: Sequence[Span], name: str) -> tuple[Measured, ...]:
    """Return what the check called NAME said last in each of SPANS: what ended it, wherever a clock puts that."""
    ending = dict(_endings(evidence, name))
    taken = {measured.at for measured in ending.values()}
    seen = [(place, each) for place, each in _placed(evidence, name) if each.at not in taken]
    found = []
    for span in spans:
        inside = [each for place, each in seen if span.began < each.at <= _end(span) and place in {None, _in(span)}]
        newest = max(inside, key=lambda each: (each.at, bool(each.reason)), default=None)
        if (last := ending.get(_end(span), newest)) is not None:
            found.append(_with_interval(replace(last, label=span.label)))
    return tuple(found)


def _endings(evidence: Evidence, name: str) -> Iterator[tuple[float, Measured]]:
    """Yield what the check called NAME said to acts, by their time.

    A look has Prometheus' time, an act the API server's: what an act went by may seem to come after it.
    """
    for event in filter(_is_act, evidence.events):
        at = _time(event.get("at"))
        for measured in _of_check(event.get("gate"), name):
            if at is not None:
                yield at, measured


def _end(span: Span) -> float:
    return math.inf if span.ended is None else span.ended


def _in(span: Span) -> Place:
    return Place(span.phase, None if span.step is None else span.step - 1)


def _placed(evidence: Evidence, name: str) -> Iterator[tuple[Place | None, Measured]]:
    """Yield what the check called NAME said, and in which phase and step; None where that was not kept."""
    for event in evidence.events:
        for measured in _of_check(event.get("gate"), name):
            yield _place(event), measured
    for look in evidence.looks:
        for measured in _of_check(look, name):
            yield _place(look), measured


def queries_of(evidence: Evidence, name: str) -> tuple[str, ...]:
    """Return the queries of the check called NAME as they last ran."""
    for event in reversed(evidence.events):
        for raw in _checks(event.get("gate")):
            proof = raw.get("evidence")
            if _text(raw.get("name")) == name and isinstance(proof, dict):
                return tuple(_text(proof[key]) for key in ("query", "badQuery", "totalQuery") if proof.get(key))
    return ()


def _checks(look: object) -> list[Json]:
    checks = look.get("checks") if isinstance(look, dict) else None
    return [raw for raw in checks if isinstance(raw, dict)] if isinstance(checks, list) else []


def _of_check(look: object, name: str) -> Iterator[Measured]:
    at = _time(look.get("at")) if isinstance(look, dict) else None
    for raw in _checks(look):
        if at is not None and _text(raw.get("name")) == name:
            yield _measured(at, raw)


def _measured(at: float, raw: Json) -> Measured:
    kept = raw.get("evidence")
    proof: Json = {**raw, **kept} if isinstance(kept, dict) else raw
    return Measured(
        at=at,
        verdict=_text(raw.get("verdict")),
        value=_number(raw.get("value")),
        reason=_text(raw.get("reason")),
        bad=_count(proof.get("bad")),
        total=_count(proof.get("total")),
        e_value=_number(proof.get("eValue")),
        e_needed=_number(proof.get("eNeeded")),
    )


def _with_interval(measured: Measured) -> Measured:
    bad, total = measured.bad, measured.total
    if bad is None or not total or bad > total or total > _MOST_EVENTS:
        return measured
    low, high = ratio_interval(bad, total, alpha=CONFIDENCE_ALPHA)
    return replace(measured, low=low, high=high)


def _verdict(gate: object) -> str | None:
    return _text(gate.get("verdict")) or None if isinstance(gate, dict) else None


def _text(found: object) -> str:
    return found if isinstance(found, str) else ""


def _number(found: object) -> float | None:
    is_number = isinstance(found, int | float) and not isinstance(found, bool) and abs(found) <= 1e300  # noqa: PLR2004
    return float(found) if is_number and isinstance(found, int | float) else None


def _time(found: object) -> float | None:
    number = _number(found)
    return number if number is not None and 0 <= number <= LAST_SECOND else None


def _count(found: object) -> int | None:
    number = _number(found)
    return int(number) if number is not None and 0 <= number <= _LARGEST_COUNT else None
