"""What could go wrong half-way, tried before the first act: rights, dry runs of each write, policies, quota."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from cictl.core.acts import first_write
from cictl.core.holding import aborting_fields, promoting_fields, settled_split
from cictl.core.patches import write_operations
from cictl.core.quantity import quota_headroom
from cictl.core.record import ObjectName, ReleaseRecord
from cictl.core.release_plan import Found, first_install_body, without_steps_if_same
from cictl.core.rollout import Write
from cictl.core.rollout_state import Phase, RolloutState
from cictl.core.wanted import Wanted
from cictl.core.workload import Deployment, without_hash
from cictl.errors import Conflict, FarSideFailed, NotAllowed

Json = dict[str, Any]

NEEDED = (
    ("get", "Deployment", ""),
    ("list", "Deployment", ""),
    ("watch", "Deployment", ""),
    ("patch", "Deployment", ""),
    ("list", "ReplicaSet", ""),
    ("watch", "ReplicaSet", ""),
    ("patch", "ReplicaSet", ""),
    ("list", "Pod", ""),
    ("watch", "Pod", ""),
    ("get", "ConfigMap", ""),
    ("list", "ConfigMap", ""),
    ("create", "ConfigMap", ""),
    ("patch", "ConfigMap", ""),
    ("delete", "ConfigMap", ""),
    ("get", "Lease", ""),
    ("create", "Lease", ""),
    ("update", "Lease", ""),
    ("list", "HorizontalPodAutoscaler", ""),
    ("list", "ResourceQuota", ""),
)


class Cluster(Protocol):
    """What is tried on the cluster."""

    def patch(self, kind: str, namespace: str, name: str, operations: Sequence[Json], *, dry_run: bool = False) -> Json:
        """Send a JSON Patch."""

    def create(self, namespace: str, body: Json, *, dry_run: bool = False) -> Json:
        """Create one object."""

    def may(
        self, namespace: str, verb: str, kind: str, subresource: str = "", *, api_version: str | None = None
    ) -> bool:
        """Whether the caller may do VERB on KIND."""


class Preflight:
    """Tries, and changes nothing."""

    def __init__(self, cluster: Cluster) -> None:
        """Try on CLUSTER."""
        self._cluster = cluster

    def check_rights(self, wanted: Wanted) -> None:
        """Ask for every right that even an abort needs, so that none is missing half-way."""
        missing = [
            f"{verb} {kind}"
            for verb, kind, api_version in _needed(wanted)
            if not self._cluster.may(wanted.namespace, verb, kind, api_version=api_version)
        ]
        if missing:
            message = f"you may not {', '.join(missing)} in namespace {wanted.namespace}"
            raise NotAllowed(message, hint="grant the Role in docs/reference/permissions.md; nothing was changed")

    def complete(self, record: ReleaseRecord, found: Found) -> ReleaseRecord:
        """Return RECORD with the template as the API server completes it: a dry run of hold, promotion and abort."""
        live = found.deployment
        try:
            answer = self._try_all(record, live)
        except Conflict as problem:
            message = f"{record.service}: the Deployment was changed while the plan was made; nothing was done"
            raise Conflict(message, hint="run it again, so that the plan is made anew") from problem
        self._try_pod(record, answer["spec"]["template"])
        completed = replace(record, template=without_hash(answer["spec"]["template"]))
        return completed if live is None else without_steps_if_same(completed, live)

    def _try_all(self, record: ReleaseRecord, live: Deployment | None) -> Json:
        """Return the Deployment as the first write would leave it."""
        if live is None:
            body = first_install_body(record, 1, record.created)
            return self._cluster.create(record.namespace, body, dry_run=True)
        answer = self._try(record, live, first_write(record, 1, record.created))
        for write in _later_writes(record):
            self._try(record, live, write)
        return answer

    def _try(self, record: ReleaseRecord, live: Deployment, write: Write) -> Json:
        operations = write_operations(live, write, record.templates())
        return self._cluster.patch("Deployment", live.namespace, live.name, operations, dry_run=True)

    def _try_pod(self, record: ReleaseRecord, template: Json) -> None:
        """Try one pod where the caller may: admission policies look at pods, not at templates."""
        if not self._cluster.may(record.namespace, "create", "Pod"):
            return
        metadata = {key: value for key, value in template["metadata"].items() if value is not None}
        body = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {**metadata, "generateName": f"{record.deployment}-try-"},
            "spec": _without_new_account(template["spec"], record.created_objects),
        }
        try:
            self._cluster.create(record.namespace, body, dry_run=True)
        except NotAllowed as problem:
            message = f"a pod of the new release would be refused: {problem.message}"
            raise FarSideFailed(message, hint="nothing was changed; mend the template or the policy") from problem

    def check_room(self, record: ReleaseRecord, found: Found) -> None:
        """Refuse where a quota has no room for the first step's pods."""
        if found.deployment is None or not record.strategy.steps:
            return
        extra = settled_split(record.strategy, 0, found.deployment.replicas).canary
        if problems := quota_headroom(found.quotas, record.template, extra):
            message = f"no room for {extra} pods of the canary: {'; '.join(map(str, problems))}"
            raise FarSideFailed(message, hint="raise the quota, or use smaller weights; nothing was changed")


def _later_writes(record: ReleaseRecord) -> tuple[Write, Write]:
    """Return the promoting write and the aborting one, which a policy must not refuse once the rollout is held."""
    promote = Write(
        RolloutState(record.revision, Phase.PROMOTING, 0, record.created, 1),
        "try",
        fields=promoting_fields(record.new_own, may_double=record.may_double),
        template="canary",
        replicas=record.replicas,
    )
    abort = Write(
        RolloutState(record.revision, Phase.ABORTING, 0, record.created, 1),
        "try",
        fields=aborting_fields(record.own, at_once=True),
        template="stable",
        unpause=True,
    )
    return promote, abort


def _needed(wanted: Wanted) -> list[tuple[str, str, str | None]]:
    """Return verbs, kinds and API versions: for a release from a chart also what makes and takes back its objects."""
    needed: list[tuple[str, str, str | None]] = [(verb, kind, None) for verb, kind, _ in NEEDED]
    if wanted.deployment_object is not None:
        needed += [("create", "Deployment", None), ("delete", "Deployment", None)]
        kinds = {(str(each["kind"]), str(each["apiVersion"])) for each in wanted.objects}
        verbs = ("get", "create", "patch", "delete")
        needed += [(verb, kind, api_version) for kind, api_version in sorted(kinds) for verb in verbs]
    return list(dict.fromkeys(needed))


def _without_new_account(spec: Json, created: Sequence[ObjectName]) -> Json:
    """Return a pod's SPEC without the ServiceAccount that the release itself is going to make."""
    name = spec.get("serviceAccountName")
    if not any((each.kind, each.name) == ("ServiceAccount", name) for each in created):
        return spec
    return {key: value for key, value in spec.items() if key not in {"serviceAccount", "serviceAccountName"}}
