"""Who drives, as a Lease says it: it informs; the token on the Deployment decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cictl.core.workload import Json

DURATION_SECONDS = 6
RENEW_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Holder:
    """`identity` is one process's own; "" where nobody holds the Lease."""

    identity: str
    duration_seconds: int
    renewed: str
    resource_version: str

    @property
    def is_free(self) -> bool:
        """Whether nobody holds it."""
        return not self.identity


def lease_name(service: str) -> str:
    """Return the name of the Lease of SERVICE's rollouts."""
    return f"cictl.{service}"


def read_lease(raw: Json) -> Holder:
    """Return what a Lease says."""
    spec = raw.get("spec") or {}
    return Holder(
        identity=spec.get("holderIdentity") or "",
        duration_seconds=int(spec.get("leaseDurationSeconds") or DURATION_SECONDS),
        renewed=str(spec.get("renewTime") or ""),
        resource_version=raw["metadata"].get("resourceVersion", ""),
    )


def lease_body(service: str, identity: str, now: float, *, resource_version: str | None) -> dict[str, Any]:
    """Return the Lease that says IDENTITY drives; with a resourceVersion it replaces only what was read."""
    metadata: dict[str, Any] = {"name": lease_name(service), "labels": {"app.kubernetes.io/managed-by": "cictl"}}
    if resource_version is not None:
        metadata["resourceVersion"] = resource_version
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    spec = {"holderIdentity": identity, "leaseDurationSeconds": DURATION_SECONDS, "renewTime": stamp}
    return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}
