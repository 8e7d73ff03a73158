"""The verbs of the Kubernetes API that cictl uses, by kind; every write of the product goes through here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from cictl.clients.kubernetes_connection import Connection, Json
from cictl.core.access import grants
from cictl.core.workload import FIELD_MANAGER
from cictl.errors import CictlError, NotAllowed, NotFound

_JSON_PATCH = "application/json-patch+json"
_APPLY_PATCH = "application/apply-patch+yaml"


@dataclass(frozen=True, slots=True)
class Kind:
    """Where one kind lives in the API."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool = True

    @property
    def group(self) -> str:
        """The API group, "" for the core one."""
        return self.api_version.rpartition("/")[0]


_KNOWN = {
    (known.api_version, known.kind): known
    for known in (
        Kind("apps/v1", "Deployment", "deployments"),
        Kind("apps/v1", "ReplicaSet", "replicasets"),
        Kind("v1", "Pod", "pods"),
        Kind("v1", "ConfigMap", "configmaps"),
        Kind("v1", "Service", "services"),
        Kind("v1", "ServiceAccount", "serviceaccounts"),
        Kind("v1", "ResourceQuota", "resourcequotas"),
        Kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
        Kind("v1", "Event", "events"),
        Kind("v1", "Namespace", "namespaces", namespaced=False),
        Kind("coordination.k8s.io/v1", "Lease", "leases"),
        Kind("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"),
        Kind("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"),
        Kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"),
    )
}


class KubernetesApi:
    """One cluster, by kinds and names; objects go in and come out as the API's JSON."""

    def __init__(self, connection: Connection) -> None:
        """Speak through CONNECTION."""
        self.connection = connection
        self._kinds: dict[tuple[str, str], Kind] = dict(_KNOWN)
        self._rules: dict[str, tuple[Json, ...]] = {}

    def now(self) -> float:
        """Return the API server's time in seconds since the epoch."""
        return self.connection.now()

    def version(self) -> str:
        """Return the cluster's version, such as v1.34.4."""
        return str(self.connection.get("/version")["gitVersion"])

    def api_versions(self) -> tuple[str, ...]:
        """Return the group versions that the cluster serves, as `helm template --api-versions` takes them."""
        groups = self.connection.get("/apis").get("groups", [])
        return ("v1", *(version["groupVersion"] for group in groups for version in group["versions"]))

    def check_namespace(self, namespace: str) -> None:
        """Raise NotFound where there is no NAMESPACE; who may not look at it is not told."""
        with suppress(NotAllowed):
            self.get("Namespace", "", namespace)

    def kind(self, api_version: str, kind: str) -> Kind:
        """Return where a kind lives, asking the cluster for one that is not built in."""
        if (found := self._kinds.get((api_version, kind))) is None:
            found = self._discover(api_version, kind)
            self._kinds[api_version, kind] = found
        return found

    def _discover(self, api_version: str, kind: str) -> Kind:
        resources = self.connection.get(_root(api_version)).get("resources", [])
        for resource in resources:
            if resource["kind"] == kind and "/" not in resource["name"]:
                return Kind(api_version, kind, resource["name"], namespaced=resource["namespaced"])
        message = f"{self.connection.name} serves no kind {kind} in {api_version}"
        raise NotFound(message, hint="check apiVersion and kind, and the cluster's version")

    def get(self, kind: str, namespace: str, name: str, *, api_version: str | None = None) -> Json:
        """Read one object; NotFound where there is none."""
        return self.connection.get(self._path(self._resolve(kind, api_version), namespace, name))

    def find(self, kind: str, namespace: str, name: str, *, api_version: str | None = None) -> Json | None:
        """Read one object, None where there is none."""
        try:
            return self.get(kind, namespace, name, api_version=api_version)
        except NotFound:
            return None

    def list(self, kind: str, namespace: str, *, labels: str = "", fields: str = "") -> Json:
        """Read a list, with the resourceVersion to watch from in its metadata."""
        return self.connection.get(self._path(self._resolve(kind), namespace), _selectors(labels, fields))

    def create(self, namespace: str, body: Json, *, dry_run: bool = False) -> Json:
        """Create; Moved where it exists already."""
        path = self._path(self._kind_of(body), namespace)
        return self.connection.write("POST", path, body, params=_write_params(dry_run=dry_run))

    def apply(self, namespace: str, body: Json, *, force: bool = False, dry_run: bool = False) -> Json:
        """Apply server-side; with `metadata.resourceVersion` in BODY only onto what was read."""
        path = self._path(self._kind_of(body), namespace, body["metadata"]["name"])
        params = _write_params(dry_run=dry_run) | {"force": str(force).lower()}
        return self.connection.write("PATCH", path, body, params=params, content_type=_APPLY_PATCH)

    def patch(
        self,
        kind: str,
        namespace: str,
        name: str,
        operations: Sequence[Json],
        *,
        dry_run: bool = False,
    ) -> Json:
        """Send one JSON Patch; Moved where a `test` of it fails."""
        path = self._path(self._resolve(kind), namespace, name)
        params = _write_params(dry_run=dry_run)
        return self.connection.write("PATCH", path, list(operations), params=params, content_type=_JSON_PATCH)

    def replace(self, namespace: str, body: Json) -> Json:
        """Replace an object whose resourceVersion is still the one in BODY."""
        path = self._path(self._kind_of(body), namespace, body["metadata"]["name"])
        return self.connection.write("PUT", path, body, params=_write_params(dry_run=False))

    def delete(self, kind: str, namespace: str, name: str, *, uid: str, api_version: str | None = None) -> None:
        """Delete the object with this UID; one that is gone already is no error."""
        preconditions = {"preconditions": {"uid": uid}, "propagationPolicy": "Background"}
        try:
            path = self._path(self._resolve(kind, api_version), namespace, name)
            self.connection.write("DELETE", path, preconditions)
        except NotFound:
            return

    def log_tail(self, namespace: str, pod: str, container: str, *, previous: bool, lines: int) -> tuple[str, ...]:
        """Return the last LINES of a container's log; none where there is no log."""
        params = {"container": container, "tailLines": str(lines), "previous": str(previous).lower()}
        path = f"{self._path(self._resolve('Pod'), namespace, pod)}/log"
        return tuple(self.connection.read_text(path, params).splitlines())

    def may(
        self, namespace: str, verb: str, kind: str, subresource: str = "", *, api_version: str | None = None
    ) -> bool:
        """Whether the caller may do VERB on KIND in NAMESPACE: by the rules, listed once, else by asking for it."""
        resolved = self._resolve(kind, api_version)
        resource = f"{resolved.plural}/{subresource}" if subresource else resolved.plural
        if grants(self._rules_in(namespace), verb, resolved.group, resource):
            return True
        attributes = {
            "namespace": namespace,
            "verb": verb,
            "group": resolved.group,
            "resource": resolved.plural,
            "subresource": subresource,
        }
        return bool(self._review("SelfSubjectAccessReview", {"resourceAttributes": attributes})["allowed"])

    def _rules_in(self, namespace: str) -> tuple[Json, ...]:
        if namespace not in self._rules:
            self._rules[namespace] = ()
            with suppress(CictlError):  # then each right is asked for alone
                status = self._review("SelfSubjectRulesReview", {"namespace": namespace})
                self._rules[namespace] = tuple(status.get("resourceRules") or ())
        return self._rules[namespace]

    def _review(self, kind: str, spec: Json) -> Json:
        api_version = "authorization.k8s.io/v1"
        body = {"apiVersion": api_version, "kind": kind, "spec": spec}
        status: Json = self.connection.write("POST", f"{_root(api_version)}/{kind.lower()}s", body)["status"]
        return status

    def watch_path(self, kind: str, namespace: str) -> str:
        """Return the path to list and watch KIND in NAMESPACE."""
        return self._path(self._resolve(kind), namespace)

    def _kind_of(self, body: Json) -> Kind:
        return self.kind(body["apiVersion"], body["kind"])

    def _resolve(self, kind: str, api_version: str | None = None) -> Kind:
        if api_version is not None:
            return self.kind(api_version, kind)
        return next(known for known in _KNOWN.values() if known.kind == kind)

    @staticmethod
    def _path(kind: Kind, namespace: str, name: str = "") -> str:
        middle = f"/namespaces/{namespace}" if kind.namespaced else ""
        return f"{_root(kind.api_version)}{middle}/{kind.plural}" + (f"/{name}" if name else "")


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def _selectors(labels: str, fields: str) -> Mapping[str, str]:
    return {key: value for key, value in (("labelSelector", labels), ("fieldSelector", fields)) if value}


def _write_params(*, dry_run: bool) -> dict[str, str]:
    return {"fieldManager": FIELD_MANAGER} | ({"dryRun": "All"} if dry_run else {})
