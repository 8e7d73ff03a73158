"""The release's record: everything that a driver needs to go on, to go back, or to bring the release again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from shlex import quote
from typing import Any

from cictl.core.gate import Gate, RatioCheck, ValueCheck
from cictl.core.manifest_configs import HashedConfig
from cictl.core.release_diff import ReleaseContent
from cictl.core.rollout import Rollout
from cictl.core.strategy import Capacity, OnInsufficient, OnUnknown, Step, Strategy
from cictl.core.workload import HeldFields, Json, template_key


@dataclass(frozen=True, slots=True)
class ObjectName:
    """One object of the release's namespace."""

    api_version: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """`created` in seconds since the epoch by the API server.

    `template` is the new pod template as the API server completes it, `stable_template` the one to go back to (None:
    first install). `deployment_object`, `objects` and `configs` are rendered manifests; a Deployment that cictl did not
    make has none of them. `created_objects` are those that did not exist before, `stable_release` the release that ran.
    """

    service: str
    namespace: str
    revision: int
    deployment: str
    selector: str
    image: str
    created: float
    template: Json
    stable_template: Json | None
    own: HeldFields
    new_own: HeldFields
    strategy: Strategy
    gate: Gate | None = None
    environment: str | None = None
    commit: str | None = None
    stable_release: int | None = None
    deployment_object: Json | None = None
    objects: tuple[Json, ...] = ()
    configs: tuple[Json, ...] = ()
    config_originals: Mapping[str, str] = field(default_factory=dict)
    created_objects: tuple[ObjectName, ...] = ()
    may_double: bool = True
    replicas: int | None = None
    own_replicas: int | None = None
    undo_of: int | None = None
    prometheus: str | None = None
    promoted_from: str | None = None
    approved_by: str | None = None
    reason: str | None = None

    @property
    def is_adopted(self) -> bool:
        """Whether the Deployment was made by others: then only image and held fields are written."""
        return self.deployment_object is None

    @property
    def address(self) -> str:
        """What the rollout commands take to find it again, quoted: who may write ConfigMaps may have written it."""
        if self.environment is not None:
            return f"{quote(self.service)} --env {quote(self.environment)}"
        return f"{quote(f'deployment/{self.deployment}')} -n {quote(self.namespace)}"

    def rollout(self, token: int) -> Rollout:
        """Return what `decide` needs, for a driver with TOKEN: the gate is the release's, whoever named it."""
        stable = self.stable_template
        strategy = self.strategy if self.gate is None else replace(self.strategy, gate=self.gate.name)
        return Rollout(
            release=self.revision,
            token=token,
            strategy=strategy,
            canary_key=template_key(self.template),
            stable_key=None if stable is None else template_key(stable),
            own=self.own,
            new_own=self.new_own,
            may_double=self.may_double,
            is_undo=self.undo_of is not None,
            replicas=self.replicas,
            own_replicas=self.own_replicas,
        )

    def templates(self) -> dict[str, Json]:
        """Return the pod templates by the names that writes use."""
        found = {"canary": self.template}
        return found if self.stable_template is None else found | {"stable": self.stable_template}


def content_of(record: ReleaseRecord) -> ReleaseContent:
    """Return what of RECORD can be compared with another release."""
    configs = tuple(
        HashedConfig(
            record.config_originals.get(body["metadata"]["name"], body["metadata"]["name"]),
            body["metadata"]["name"],
            body.get("data") or {},
            body.get("binaryData") or {},
        )
        for body in record.configs
    )
    main = () if record.deployment_object is None else (record.deployment_object,)
    return ReleaseContent(record.image, (*main, *record.objects, *record.configs), configs)


def to_document(record: ReleaseRecord) -> dict[str, Any]:
    """Return RECORD as JSON."""
    return asdict(record)


def from_document(document: Mapping[str, Any]) -> ReleaseRecord:
    """Return the record that `to_document` gave; KeyError, TypeError or ValueError where it is not one."""
    fields = dict(document)
    fields["own"] = HeldFields(**fields["own"])
    fields["new_own"] = HeldFields(**fields["new_own"])
    fields["strategy"] = _strategy(fields["strategy"])
    fields["gate"] = _gate(fields["gate"]) if fields.get("gate") else None
    fields["created_objects"] = tuple(ObjectName(**name) for name in fields["created_objects"])
    fields["objects"], fields["configs"] = tuple(fields["objects"]), tuple(fields["configs"])
    return ReleaseRecord(**fields)


def _strategy(fields: Mapping[str, Any]) -> Strategy:
    typed = {
        "steps": tuple(Step(**step) for step in fields["steps"]),
        "capacity": Capacity(fields["capacity"]),
        "on_unknown": OnUnknown(fields["on_unknown"]),
        "on_insufficient": OnInsufficient(fields["on_insufficient"]),
    }
    return Strategy(**{**fields, **typed})


def _gate(fields: Mapping[str, Any]) -> Gate:
    return Gate(**{**fields, "checks": tuple(_check(check) for check in fields["checks"])})


def _check(fields: Mapping[str, Any]) -> RatioCheck | ValueCheck:
    return RatioCheck(**fields) if "bad" in fields else ValueCheck(**fields)
