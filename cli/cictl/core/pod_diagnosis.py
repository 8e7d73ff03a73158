"""From the API's JSON of pods, events and ReplicaSets to findings; trusts no field to be there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cictl.core.container_diagnosis import ContainerCase, describe_end, diagnose_container, shorten
from cictl.core.objects import KubernetesObject, mapping_at, mappings_at, number_at, text_at, value_at
from cictl.core.pod_events import PodEvents, events_of, group_by_name, seconds_at
from cictl.core.pods import FindingKind, Graces, PodFinding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_DEFAULT_GRACES = Graces()
_CREATING = frozenset({"ContainerCreating", "PodInitializing"})
_DEFAULT_PERIOD_SECONDS = 10
_DEFAULT_FAILURES = 3
_OWN_LIMIT = re.compile(r"exceeds the (total )?limit|exceeded its local", re.IGNORECASE)
_MISSING = re.compile(r"not found|references non-existent", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PodCase:
    """One pod with all that is known of it."""

    pod: KubernetesObject
    events: PodEvents
    graces: Graces
    containers: tuple[ContainerCase, ...]

    def condition(self, kind: str) -> Mapping[str, Any]:
        """Return the pod's condition KIND, empty where it has none."""
        return _condition(self.pod, kind)

    @property
    def waiting(self) -> ContainerCase | None:
        """The first container that is still being made."""
        return next((each for each in self.containers if text_at(each.waiting, "reason") in _CREATING), None)

    def finding(self, kind: FindingKind, reason: str, since: float | None, grace: float) -> PodFinding:
        """Return what was found of the pod as a whole."""
        return PodFinding(text_at(self.pod, "metadata", "name"), kind, reason, None, since, grace)


def diagnose(
    pods: Iterable[KubernetesObject],
    events: Sequence[KubernetesObject] = (),
    replica_sets: Iterable[KubernetesObject] = (),
    graces: Graces = _DEFAULT_GRACES,
) -> tuple[PodFinding, ...]:
    """Return all that is wrong with PODS, and with REPLICA_SETS that cannot make theirs; EVENTS may hold others' too.

    Give the pods of the release that is judged: a stable pod that restarted long ago is found here as well.
    """
    found: list[PodFinding] = []
    about = group_by_name(events)
    for pod in pods:
        if not value_at(pod, "metadata", "deletionTimestamp"):
            found += diagnose_pod(pod, about.get(text_at(pod, "metadata", "name"), ()), graces)
    for replica_set in replica_sets:
        found += diagnose_replica_set(replica_set, graces)
    return tuple(found)


def diagnose_pod(
    pod: KubernetesObject, events: Sequence[KubernetesObject] = (), graces: Graces = _DEFAULT_GRACES
) -> tuple[PodFinding, ...]:
    """Return what is wrong with POD: with its containers, else with the pod as a whole."""
    case = _case(pod, events, graces)
    of_containers = tuple(found for each in case.containers if (found := diagnose_container(each)))
    if of_containers:
        return of_containers
    of_pod = next((found for rule in _POD_RULES if (found := rule(case))), None)
    return (of_pod,) if of_pod else ()


def diagnose_replica_set(replica_set: KubernetesObject, graces: Graces = _DEFAULT_GRACES) -> tuple[PodFinding, ...]:
    """Return why REPLICA_SET cannot make its pods."""
    failure = _condition(replica_set, "ReplicaFailure")
    if text_at(failure, "status") != "True" or text_at(failure, "reason") != "FailedCreate":
        return ()
    message = text_at(failure, "message")
    kind, grace = _refusal(message, graces)
    name = text_at(replica_set, "metadata", "name")
    since = seconds_at(failure, "lastTransitionTime")
    return (PodFinding("", kind, f"ReplicaSet {name} cannot create pods: {shorten(message)}", None, since, grace),)


def _refusal(message: str, graces: Graces) -> tuple[FindingKind, float]:
    """Return what kind of refusal MESSAGE is, and whether it can pass by itself."""
    if "exceeded quota" in message:
        return FindingKind.QUOTA, graces.quota
    if "violates PodSecurity" in message or "must specify" in message:
        return FindingKind.REFUSED, 0.0
    return FindingKind.REFUSED, graces.refused


def _case(pod: KubernetesObject, events: Sequence[KubernetesObject], graces: Graces) -> PodCase:
    mine = events_of(pod, events)
    return PodCase(pod, mine, graces, tuple(_container_cases(pod, mine, graces)))


def _container_cases(pod: KubernetesObject, events: PodEvents, graces: Graces) -> Iterator[ContainerCase]:
    """Yield the containers that have a status; those that initialise first."""
    parts = (("initContainers", "initContainerStatuses"), ("containers", "containerStatuses"))
    for spec_part, status_part in parts:
        specs = {text_at(spec, "name"): spec for spec in mappings_at(pod, "spec", spec_part)}
        for status in mappings_at(pod, "status", status_part):
            spec = specs.get(text_at(status, "name"), {})
            is_init = spec_part == "initContainers" and text_at(spec, "restartPolicy") != "Always"
            yield ContainerCase(pod, spec, status, events, graces, is_init)


def _evicted(case: PodCase) -> PodFinding | None:
    """Only what exceeded its own limit is the release's doing; a full node's pods are made anew elsewhere."""
    message = text_at(case.pod, "status", "message")
    if text_at(case.pod, "status", "reason") != "Evicted" or not _OWN_LIMIT.search(message):
        return None
    return case.finding(FindingKind.EVICTED, f"the pod was evicted: {shorten(message)}", None, 0.0)


def _unschedulable(case: PodCase) -> PodFinding | None:
    scheduled = case.condition("PodScheduled")
    if text_at(scheduled, "status") != "False":
        return None
    message = shorten(text_at(scheduled, "message")) or text_at(scheduled, "reason")
    since = seconds_at(scheduled, "lastTransitionTime")
    return case.finding(
        FindingKind.UNSCHEDULABLE, f"no node takes the pod: {message}", since, case.graces.unschedulable
    )


def _mount_error(case: PodCase) -> PodFinding | None:
    reason = next((each for each in ("FailedMount", "FailedAttachVolume") if case.events.newest(each)), None)
    if reason is None or case.waiting is None:
        return None
    message, since = shorten(case.events.newest(reason)), case.events.since(reason)
    if _MISSING.search(message):
        text = f"a volume's source is missing: {message}"
        return case.finding(FindingKind.CONFIG_ERROR, text, since, case.graces.config_error)
    return case.finding(
        FindingKind.MOUNT_ERROR, f"a volume cannot be mounted: {message}", since, case.graces.mount_error
    )


def _sandbox_error(case: PodCase) -> PodFinding | None:
    message = shorten(case.events.newest("FailedCreatePodSandBox"))
    if not message or case.waiting is None:
        return None
    since = case.events.since("FailedCreatePodSandBox")
    text = f"the pod's sandbox cannot be made: {message}"
    return case.finding(FindingKind.SANDBOX_ERROR, text, since, case.graces.sandbox_error)


def _not_started(case: PodCase) -> PodFinding | None:
    if case.waiting is None:
        return None
    since = seconds_at(case.condition("PodScheduled"), "lastTransitionTime")
    pulling = case.events.newest("Pulling")
    doing = f"{text_at(case.waiting.waiting, 'reason')}{f', {pulling[0].lower()}{pulling[1:]}' if pulling else ''}"
    text = f"container {case.waiting.name} has not started: {doing}"
    return case.finding(FindingKind.NOT_STARTED, text, since, case.graces.not_started)


def _not_ready(case: PodCase) -> PodFinding | None:
    ready = case.condition("Ready")
    if text_at(ready, "status") != "False" or text_at(case.pod, "status", "phase") != "Running":
        return None
    unready = next((each for each in case.containers if not each.is_init and not each.status.get("ready")), None)
    if unready is None:
        text, since = f"the pod is not ready: {text_at(ready, 'message')}", seconds_at(ready, "lastTransitionTime")
        return case.finding(FindingKind.NOT_READY, text, since, case.graces.not_ready)
    times = (seconds_at(ready, "lastTransitionTime"), seconds_at(unready.status, "state", "running", "startedAt"))
    since = max((each for each in times if each is not None), default=None)
    grace = max(case.graces.not_ready, _probe_seconds(unready.spec))
    return unready.finding(FindingKind.NOT_READY, _why_not_ready(unready), since, grace)


_POD_RULES: tuple[Callable[[PodCase], PodFinding | None], ...] = (
    _evicted,
    _unschedulable,
    _mount_error,
    _sandbox_error,
    _not_started,
    _not_ready,
)


def _why_not_ready(case: ContainerCase) -> str:
    """Say what the probes or the last end tell of a container that runs and is not ready."""
    probe = case.events.newest("Unhealthy", "^(Readiness|Startup) probe")
    if probe:
        return f"container {case.name} is not ready: {shorten(probe)}"
    if case.end:
        return f"container {case.name} is not ready: it {describe_end(case)}"
    return f"container {case.name} is not ready"


def _probe_seconds(container: Mapping[str, Any]) -> float:
    """Return how long the probes themselves allow before a container counts as failed."""
    return float(sum(_one_probe_seconds(mapping_at(container, probe)) for probe in ("startupProbe", "readinessProbe")))


def _one_probe_seconds(probe: Mapping[str, Any]) -> int:
    if not probe:
        return 0
    period = number_at(probe, "periodSeconds") or _DEFAULT_PERIOD_SECONDS
    failures = number_at(probe, "failureThreshold") or _DEFAULT_FAILURES
    return number_at(probe, "initialDelaySeconds") + period * failures


def _condition(manifest: KubernetesObject, kind: str) -> Mapping[str, Any]:
    conditions = mappings_at(manifest, "status", "conditions")
    return next((each for each in conditions if text_at(each, "type") == kind), {})
