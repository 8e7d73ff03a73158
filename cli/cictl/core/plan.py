"""What a rollout will do, fixed and printed before the first act."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cictl.core.holding import Split, settled_split
from cictl.core.quantities import format_duration
from cictl.core.record import ObjectName, ReleaseRecord
from cictl.core.release_diff import short_digests
from cictl.core.strategy import Capacity
from cictl.core.workload import Deployment

_SHORT_DIGEST = 12


@dataclass(frozen=True, slots=True)
class Plan:
    """`deployment` is as it was read (None: first install), `token` the first driver's.

    `changed` are the objects that promotion changes, `differences` what the new release changes of the one that runs.
    """

    record: ReleaseRecord
    deployment: Deployment | None
    token: int
    image_before: str | None
    differences: tuple[str, ...]
    changed: tuple[ObjectName, ...]
    warnings: tuple[str, ...]
    replicas: int

    @property
    def is_empty(self) -> bool:
        """Whether what runs is what is wanted."""
        return self.deployment is not None and not self.differences and not self.changed


def short_image(image: str | None) -> str:
    """Return repository@digest with the digest cut to what people compare."""
    if not image:
        return "(none)"
    name, at, digest = image.partition("@sha256:")
    return f"{name.rpartition('/')[2]}{at}{digest[:_SHORT_DIGEST]}" if at else image


def step_splits(plan: Plan) -> tuple[Split, ...]:
    """Return the pods that each step really gives with the replicas there are now."""
    strategy = plan.record.strategy
    return tuple(settled_split(strategy, step, plan.replicas) for step in range(len(strategy.steps)))


def plan_lines(plan: Plan) -> tuple[str, ...]:
    """Return the plan for people."""
    return (*_head(plan), *_changes(plan), *_steps(plan), *_ends(plan), *_warnings(plan))


def _head(plan: Plan) -> Iterator[str]:
    record = plan.record
    what = f"undo to release {record.undo_of}" if record.undo_of else f"strategy {record.strategy.name}"
    yield f"{record.service} release {record.revision} → namespace {record.namespace} ({what})"
    yield f"  image     {short_image(plan.image_before)} → {short_image(record.image)}"


def _changes(plan: Plan) -> Iterator[str]:
    for line in plan.differences:
        if not _is_of_image(line, plan):
            yield f"  change    {line}"
    for name in plan.record.created_objects:
        yield f"  create    {name.kind}/{name.name} (before the first pod)"
    for name in plan.changed:
        yield f"  apply     {name.kind}/{name.name} (at promotion; taken back by undo)"


def _is_of_image(line: str, plan: Plan) -> bool:
    """Whether a difference says again what the head of the plan says: from which image to which."""
    image = short_digests(plan.record.image)
    return line.startswith("image: ") or (".image: " in line and line.endswith(f" → {image}"))


def _steps(plan: Plan) -> Iterator[str]:
    record = plan.record
    if plan.deployment is None:
        yield "  install   there is no Deployment yet: pods start, nothing to compare with"
    gate = f", gate {record.gate.name}" if record.gate else ""
    for number, (step, split) in enumerate(zip(record.strategy.steps, step_splits(plan), strict=True), 1):
        pods = f"{split.stable} stable + {split.canary} new pods = {split.share:.0%} of the pods"
        yield f"  step {number}    weight {step.weight} %: {pods}; at least {format_duration(step.pause_seconds)}{gate}"


def _ends(plan: Plan) -> Iterator[str]:
    strategy = plan.record.strategy
    watch = f", then watched for {format_duration(strategy.watch_seconds)}" if _is_watched(plan) else ""
    judged = f", gate {plan.record.gate.name}" if plan.record.gate and plan.record.undo_of is None else ""
    yield f"  promote   all {plan.replicas} pods{judged}{watch}"
    if plan.record.undo_of is not None:
        yield "  failure   stays as it is and is reported: an undo does not undo itself"
    elif plan.deployment is None:
        yield "  failure   what was created is deleted again"
    else:
        yield f"  failure   back to {short_image(plan.image_before)} with its configuration"


def _is_watched(plan: Plan) -> bool:
    strategy = plan.record.strategy
    return bool(strategy.watch_seconds and plan.record.gate) and plan.record.undo_of is None


def _warnings(plan: Plan) -> Iterator[str]:
    if plan.record.strategy.capacity is Capacity.SWAPPED and plan.record.strategy.steps:
        yield (
            "  warning   swapped steps have no slack: one unready stable pod makes the Deployment unavailable, and"
            " after 15 minutes KubeDeploymentReplicasMismatch alerts"
        )
    for warning in plan.warnings:
        yield f"  warning   {warning}"


def plan_data(plan: Plan) -> dict[str, object]:
    """Return the plan as plain data."""
    record = plan.record
    return {
        "service": record.service,
        "namespace": record.namespace,
        "release": record.revision,
        "image": record.image,
        "imageBefore": plan.image_before,
        "strategy": record.strategy.name,
        "steps": [
            {"weight": step.weight, "pauseSeconds": step.pause_seconds, "stable": split.stable, "canary": split.canary}
            for step, split in zip(record.strategy.steps, step_splits(plan), strict=True)
        ],
        "gate": record.gate.name if record.gate else None,
        "replicas": plan.replicas,
        "differences": list(plan.differences),
        "create": [f"{name.kind}/{name.name}" for name in record.created_objects],
        "apply": [f"{name.kind}/{name.name}" for name in plan.changed],
        "warnings": list(plan.warnings),
        "undoOf": record.undo_of,
    }
