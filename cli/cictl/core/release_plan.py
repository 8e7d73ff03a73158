"""From what is wanted and what was found to the release's record and the plan: pure, before the first act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from cictl.core.acts import first_write
from cictl.core.manifests import image_of, service_container, set_image
from cictl.core.objects import mappings_at, text_at
from cictl.core.plan import Plan
from cictl.core.quantity import quota_headroom
from cictl.core.record import ObjectName, ReleaseRecord, content_of
from cictl.core.refusals import Autoscaler
from cictl.core.release_diff import diff_objects, diff_releases
from cictl.core.rollout_state import RolloutState, to_labels
from cictl.core.wanted import Wanted
from cictl.core.workload import Deployment, HeldFields, Json, ReplicaSet, held_fields, label_selector, template_key
from cictl.errors import ConfigInvalid, NotFound


@dataclass(frozen=True, slots=True)
class KeptRelease:
    """A release that is kept: its record, and whether it succeeded."""

    record: ReleaseRecord
    succeeded: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What is live before the first act."""

    deployment: Deployment | None
    raw: Json | None
    state: RolloutState | None
    replica_sets: tuple[ReplicaSet, ...]
    autoscalers: tuple[Autoscaler, ...]
    quotas: tuple[Json, ...]
    releases: tuple[KeptRelease, ...]
    warnings: tuple[str, ...] = ()


def new_record(wanted: Wanted, found: Found, created: tuple[ObjectName, ...], now: float) -> ReleaseRecord:
    """Return the record as far as it is known before the API server has completed the template."""
    live = found.deployment
    own = live.held if live else _own_of(wanted.deployment_object)
    newest = max((kept.record.revision for kept in found.releases), default=0)
    return ReleaseRecord(
        service=wanted.service,
        namespace=wanted.namespace,
        revision=max(newest, found.state.release if found.state else 0) + 1,
        deployment=wanted.deployment,
        selector=label_selector(live.selector if live else (wanted.deployment_object or {})["spec"]["selector"]),
        image=wanted.image,
        created=now,
        template=_new_template(wanted, found),
        stable_template=live.template if live else None,
        own=own,
        new_own=_own_of(wanted.deployment_object) if wanted.deployment_object is not None else own,
        strategy=wanted.strategy if live else replace(wanted.strategy, steps=()),
        gate=wanted.gate,
        environment=wanted.environment,
        commit=wanted.commit,
        stable_release=_running_release(found),
        deployment_object=wanted.deployment_object,
        objects=wanted.objects,
        configs=wanted.configs,
        config_originals=wanted.config_originals,
        created_objects=created,
        replicas=_new_replicas(wanted, found),
        own_replicas=live.replicas if live else None,
        undo_of=wanted.undo_of,
        prometheus=wanted.prometheus,
        promoted_from=wanted.promoted_from,
        approved_by=wanted.approved_by,
        reason=wanted.reason,
    )


def first_install_body(record: ReleaseRecord, token: int, now: float) -> dict[str, Any]:
    """Return the Deployment of a first install that begins NOW, its state labels with it."""
    if record.deployment_object is None:
        message = f"Deployment {record.deployment} is gone and was not made from a chart"
        raise NotFound(message, hint="create it again as it was made")
    state = first_write(record, token, now).state
    body = dict(record.deployment_object)
    metadata = dict(body["metadata"])
    metadata["labels"] = {**(metadata.get("labels") or {}), **to_labels(state)}
    return {**body, "metadata": metadata}


def _own_of(deployment_object: Mapping[str, Any] | None) -> HeldFields:
    return held_fields({} if deployment_object is None else deployment_object["spec"])


def _new_template(wanted: Wanted, found: Found) -> Mapping[str, Any]:
    if wanted.template is not None:
        return wanted.template
    if wanted.deployment_object is not None:
        template: Mapping[str, Any] = wanted.deployment_object["spec"]["template"]
        return template
    raw = found.raw or {}
    container = wanted.container or service_container(raw, wanted.service)
    if container is None or image_of(raw, container) is None:
        message = f"Deployment {wanted.deployment} has several containers; which one gets the image is not clear"
        if container is not None:
            message = f"Deployment {wanted.deployment} has no container {container!r}"
        names = (text_at(each, "name") for each in mappings_at(raw, "spec", "template", "spec", "containers"))
        raise ConfigInvalid(message, hint=f"name one with --container: {', '.join(map(str, names))}")
    changed: Mapping[str, Any] = set_image(raw, container, wanted.image)["spec"]["template"]
    return changed


def _new_replicas(wanted: Wanted, found: Found) -> int | None:
    """Return the scale that the release asks for, None where an autoscaler or nobody says so."""
    if wanted.deployment_object is None or found.deployment is None or found.autoscalers:
        return None
    asked = wanted.deployment_object["spec"].get("replicas")
    return None if asked is None or int(asked) == found.deployment.replicas else int(asked)


def _running_release(found: Found) -> int | None:
    live = found.deployment
    if live is None:
        return None
    running = [
        kept.record.revision
        for kept in found.releases
        if kept.succeeded and template_key(kept.record.template) == live.template_key
    ]
    return max(running, default=None)


def new_plan(record: ReleaseRecord, found: Found, changed: tuple[ObjectName, ...], wanted: Wanted) -> Plan:
    """Return the plan of RECORD's release."""
    live = found.deployment
    container = service_container(found.raw or {}, wanted.service) or wanted.container
    before = image_of(found.raw, container) if found.raw is not None and container else None
    replicas = record.replicas or (live.replicas if live else _first_replicas(wanted))
    room = not found.quotas or not quota_headroom(found.quotas, record.template, replicas)
    return Plan(
        record=replace(record, may_double=room),
        deployment=live,
        token=(found.state.token if found.state else 0) + 1,
        image_before=before,
        differences=_differences(record, found),
        changed=changed,
        warnings=(*wanted.warnings, *found.warnings, *_plan_warnings(record, found, changed)),
        replicas=replicas,
    )


def _plan_warnings(record: ReleaseRecord, found: Found, changed: tuple[ObjectName, ...]) -> Iterator[str]:
    for scaler in found.autoscalers:
        for metric in scaler.foreign_metrics:
            yield f"{scaler.name}: metric {metric} is divided by all pods, the canary's too"
    if found.deployment is not None and changed and record.stable_release is None:
        names = ", ".join(f"{name.kind}/{name.name}" for name in changed)
        yield f"{names} cannot be taken back: what runs was not released by cictl"


def _first_replicas(wanted: Wanted) -> int:
    return int((wanted.deployment_object or {}).get("spec", {}).get("replicas") or 1)


def _own_differences(record: ReleaseRecord, live: Deployment) -> Iterator[str]:
    """Yield what changes of the Deployment itself where its pods stay."""
    before, after = asdict(live.held), asdict(record.new_own)
    yield from (f"{name}: {before[name]} → {after[name]}" for name in before if before[name] != after[name])
    metadata = (record.deployment_object or {}).get("metadata") or {}
    for part, present in (("labels", live.labels), ("annotations", live.annotations)):
        for key, value in (metadata.get(part) or {}).items():
            if present.get(key) != value:
                yield f"{part}.{key}: {present.get(key, '(none)')} → {value}"


def without_steps_if_same(record: ReleaseRecord, live: Deployment) -> ReleaseRecord:
    """Return RECORD without steps where the pods stay the same: there is no canary to look at."""
    if template_key(record.template) != live.template_key:
        return record
    return replace(record, strategy=replace(record.strategy, steps=()))


def _differences(record: ReleaseRecord, found: Found) -> tuple[str, ...]:
    live = found.deployment
    if live is None:
        return (f"image: (none) → {record.image}",)
    scale = () if record.replicas is None else (f"replicas: {live.replicas} → {record.replicas}",)
    if live.template_key == template_key(record.template):
        return (*scale, *_own_differences(record, live))
    running = next((kept for kept in found.releases if kept.record.revision == record.stable_release), None)
    if running is not None and not record.is_adopted and not running.record.is_adopted:
        before, after = content_of(running.record), content_of(record)
        return (*diff_releases(before, after), *scale)
    old, new = {"spec": {"template": live.template}}, {"spec": {"template": record.template}}
    return (*diff_objects(old, new), *scale)
