"""Why a rollout may not start on what is live; found before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cictl.core.holding import is_held
from cictl.core.rollout_state import RolloutState
from cictl.core.wanted import Wanted
from cictl.core.workload import Deployment, Json, ReplicaSet

_GITOPS_LABELS = {
    "argocd.argoproj.io/instance": "Argo CD",
    "kustomize.toolkit.fluxcd.io/name": "Flux",
    "helm.toolkit.fluxcd.io/name": "Flux",
}
_GITOPS_ANNOTATIONS = {"argocd.argoproj.io/tracking-id": "Argo CD"}
_IGNORE = "spec.template, spec.minReadySeconds, spec.progressDeadlineSeconds and spec.strategy"


@dataclass(frozen=True, slots=True)
class Refusal:
    """`conflict` says that somebody else's act is in the way, not what was asked for."""

    message: str
    hint: str
    conflict: bool = False


@dataclass(frozen=True, slots=True)
class Autoscaler:
    """What scales the Deployment: `minimum` in pods, `foreign_metrics` those that count the canary's pods too."""

    name: str
    minimum: int
    foreign_metrics: tuple[str, ...] = ()


def refusals(
    wanted: Wanted,
    deployment: Deployment,
    state: RolloutState | None,
    replica_sets: Sequence[ReplicaSet],
    autoscalers: Sequence[Autoscaler],
) -> tuple[Refusal, ...]:
    """Return all that keeps WANTED from starting on DEPLOYMENT."""
    return (
        *_under_way(wanted, deployment, state),
        *_gitops(wanted, deployment),
        *_not_at_rest(wanted, deployment, replica_sets),
        *_no_canary(wanted, deployment),
        *_scaling(wanted, autoscalers),
    )


def _under_way(wanted: Wanted, deployment: Deployment, state: RolloutState | None) -> Iterator[Refusal]:
    where = f"{wanted.service} in {wanted.namespace}"
    if state is not None and not state.phase.is_terminal:
        message = f"release {state.release} of {where} is {state.phase.value} (step {state.step + 1})"
        yield Refusal(message, "go on with 'cictl rollout resume', or end it with 'cictl rollout abort'", conflict=True)
    elif is_held(deployment.held):
        message = f"the Deployment of {where} was left held by an earlier rollout"
        yield Refusal(message, "run 'cictl rollout abort' to give it its own values back", conflict=True)


def _gitops(wanted: Wanted, deployment: Deployment) -> Iterator[Refusal]:
    if wanted.allow_gitops:
        return
    owners = {owner for label, owner in _GITOPS_LABELS.items() if label in deployment.labels}
    owners |= {owner for name, owner in _GITOPS_ANNOTATIONS.items() if name in deployment.annotations}
    for owner in sorted(owners):
        message = f"{owner} manages Deployment {deployment.name} and would undo the hold, which promotes at once"
        how = {
            "Argo CD": f"let it ignore {_IGNORE} (ignoreDifferences, and RespectIgnoreDifferences=true)",
            "Flux": f"let it ignore {_IGNORE} (kustomize.toolkit.fluxcd.io/ssa: Ignore, or driftDetection.ignore)",
        }[owner]
        yield Refusal(message, f"{how}, then pass --allow-gitops", conflict=True)


def _not_at_rest(wanted: Wanted, deployment: Deployment, replica_sets: Sequence[ReplicaSet]) -> Iterator[Refusal]:
    if deployment.paused:
        yield Refusal(
            f"Deployment {deployment.name} is paused",
            f"run 'kubectl rollout resume deployment/{deployment.name} -n {deployment.namespace}'",
            conflict=True,
        )
    others = [found.name for found in replica_sets if found.pods and found.template_key != deployment.template_key]
    if others and wanted.undo_of is None:
        message = f"a rolling update of {deployment.name} is under way: pods of {', '.join(others)} are still there"
        hint = f"wait for 'kubectl rollout status deployment/{deployment.name} -n {deployment.namespace}'"
        yield Refusal(message, hint, conflict=True)


def _no_canary(wanted: Wanted, deployment: Deployment) -> Iterator[Refusal]:
    if not wanted.strategy.steps:
        return
    if not deployment.held.is_rolling:
        kind = deployment.held.strategy_type
        message = f"Deployment {deployment.name} has strategy {kind}: no two releases side by side"
        yield Refusal(message, "use the strategy 'direct', or make it RollingUpdate")
    for reason in wanted.direct_only:
        yield Refusal(f"no canary is possible: {reason}", "use the strategy 'direct'")
    if deployment.replicas == 0:
        message = f"Deployment {deployment.name} is scaled to zero, so there is nothing beside which a canary could run"
        yield Refusal(message, "scale it up, or use the strategy 'direct'")


def _scaling(wanted: Wanted, autoscalers: Sequence[Autoscaler]) -> Iterator[Refusal]:
    """Yield what cannot be repaired; at one pod or more every weight below 100 % leaves stable a pod."""
    for scaler in autoscalers if wanted.strategy.steps else ():
        if scaler.minimum == 0:
            message = f"{scaler.name} may scale to zero, which would leave only the canary when it grows again"
            yield Refusal(message, "set its minimum to 1 or more, or use the strategy 'direct'")


def read_autoscalers(raw: Sequence[Json], deployment: str) -> tuple[Autoscaler, ...]:
    """Return the HorizontalPodAutoscalers that scale DEPLOYMENT."""
    mine = [item for item in raw if _targets(item, deployment)]
    return tuple(
        Autoscaler(
            f"HorizontalPodAutoscaler/{item['metadata']['name']}",
            int(item["spec"].get("minReplicas", 1)),
            tuple(_foreign_metrics(item)),
        )
        for item in mine
    )


def _targets(item: Json, deployment: str) -> bool:
    target = item["spec"].get("scaleTargetRef") or {}
    return target.get("kind") == "Deployment" and target.get("name") == deployment


def _foreign_metrics(item: Json) -> Iterator[str]:
    """Yield the metrics that are divided by `status.replicas`, which counts the canary."""
    for metric in item["spec"].get("metrics") or ():
        kind = metric.get("type", "")
        if kind in {"External", "Object"}:
            details = metric.get(kind.lower()) or {}
            if (details.get("target") or {}).get("type") == "AverageValue":
                yield str((details.get("metric") or {}).get("name", kind))
