"""One test's namespace, seen over the API, and changed as another user would: by kubectl."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.e2e.support import reading
from tests.e2e.support.program import PATIENCE_SECONDS
from tests.running import eventually

Json = dict[str, Any]
STATE = "cictl.dev/"
HELD = ("minReadySeconds", "progressDeadlineSeconds", "strategy")
RESTRICTED = "pod-security.kubernetes.io/enforce=restricted"


@dataclass(frozen=True)
class Namespace:
    """A namespace and who looks into it."""

    name: str
    environment: Mapping[str, str]

    def make(self) -> None:
        """Make it, for restricted pods only, and wait for what controllers put into every namespace."""
        self.kubectl("create", "namespace", self.name)
        self.kubectl("label", "namespace", self.name, RESTRICTED)
        own = (("serviceaccount", "default"), ("configmap", "kube-root-ca.crt"))
        what = f"{self.name} has neither pods' account nor their certificates"
        eventually(lambda: all(self.find(*each) for each in own), seconds=PATIENCE_SECONDS, what=what)

    def kubectl(self, *arguments: str, stdin: object = None, check: bool = True) -> str:
        """Return what kubectl prints; STDIN is given as JSON unless it is text."""
        done = self.try_kubectl(*arguments, stdin=stdin)
        assert done.returncode == 0 or not check, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def try_kubectl(self, *arguments: str, stdin: object = None) -> subprocess.CompletedProcess[str]:
        """Run kubectl; the caller looks at how it ended."""
        text = stdin if isinstance(stdin, str) or stdin is None else json.dumps(stdin)
        command = ["kubectl", "--namespace", self.name, *arguments]
        return subprocess.run(
            command,
            input=text,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )

    def apply(self, *objects: Mapping[str, Any], server_side: bool = False, manager: str = "kubectl") -> None:
        """Apply OBJECTS as their owner does."""
        how = ["--server-side", f"--field-manager={manager}"] if server_side else []
        for each in objects:
            self.kubectl("apply", *how, "--filename", "-", stdin=dict(each))

    def find(self, kind: str, name: str) -> Json | None:
        """Return one object, None where there is none."""
        return reading.find(self.environment["KUBECONFIG"], self.name, kind, name)

    def get(self, kind: str, name: str) -> Json:
        """Return one object."""
        found = self.find(kind, name)
        assert found is not None, f"no {kind} {name}"
        return found

    def items(self, kind: str, selector: str = "") -> list[Json]:
        """Return all objects of KIND."""
        return reading.items(self.environment["KUBECONFIG"], self.name, kind, selector)

    def state(self, name: str = "checkout") -> dict[str, str]:
        """Return the state labels of a Deployment, by what follows cictl.dev/."""
        labels = self.get("deployment", name)["metadata"].get("labels") or {}
        return {key.removeprefix(STATE): value for key, value in labels.items() if key.startswith(STATE)}

    def phase(self, name: str = "checkout") -> str:
        """Return where a rollout is; "" where there is none."""
        found = self.find("deployment", name)
        labels = (found or {"metadata": {}})["metadata"].get("labels") or {}
        return str(labels.get(f"{STATE}phase", ""))

    def held(self, name: str = "checkout") -> Json:
        """Return the fields that a rollout holds, as they are now; what is unset is left out."""
        spec = self.get("deployment", name)["spec"]
        return {field: spec[field] for field in HELD if field in spec}

    def image(self, name: str = "checkout") -> str:
        """Return the image that a Deployment's only container runs."""
        return str(self.get("deployment", name)["spec"]["template"]["spec"]["containers"][0]["image"])

    def ready(self, version: str, name: str = "checkout") -> int:
        """Return how many ready pods run an image whose reference contains VERSION."""
        pods = self.items("pods", f"app.kubernetes.io/name={name}")
        return sum(version in pod["spec"]["containers"][0]["image"] and is_ready(pod) for pod in pods)

    def replica_sets(self, name: str = "checkout") -> list[Json]:
        """Return the ReplicaSets of a Deployment, oldest first."""
        uid = self.get("deployment", name)["metadata"]["uid"]
        mine = [raw for raw in self.items("replicasets") if raw["metadata"]["ownerReferences"][0]["uid"] == uid]
        return sorted(mine, key=lambda raw: str(raw["metadata"]["creationTimestamp"]))

    def service_url(self, path: str, name: str = "checkout") -> str:
        """Return where clients on this machine reach a Service."""
        return f"http://{self.get('service', name)['spec']['clusterIP']}{path}"

    def written(self) -> dict[str, Json]:
        """Return everything that a rollout could touch, without what controllers report of it: they catch up late.

        What the Deployments' controller copies into ReplicaSets is waited for.
        """
        eventually(self._is_observed, seconds=PATIENCE_SECONDS, what="the controller is behind")
        kinds = "deployments,replicasets,configmaps,leases,services,serviceaccounts,poddisruptionbudgets,hpa"
        return {f"{raw['kind']}/{raw['metadata']['name']}": as_written(raw) for raw in self.items(kinds)}

    def _is_observed(self) -> bool:
        """Whether the controller has acted on each Deployment as it now is."""
        each = self.items("deployments")
        return all(raw.get("status", {}).get("observedGeneration", 0) >= raw["metadata"]["generation"] for raw in each)

    def managers(self, kind: str, name: str) -> set[str]:
        """Return who has an entry in an object's managedFields."""
        return {str(entry["manager"]) for entry in self.get(kind, name)["metadata"].get("managedFields", ())}

    def await_phase(self, *phases: str, name: str = "checkout", seconds: float = PATIENCE_SECONDS) -> str:
        """Wait until a rollout is in one of PHASES."""
        seen = ""

        def look() -> str:
            nonlocal seen
            seen = self.phase(name)
            return seen if seen in phases else ""

        try:
            return eventually(look, seconds=seconds)
        except AssertionError as problem:
            message = f"phase is {seen!r}, not one of {phases}"
            raise AssertionError(message) from problem

    def await_available(self, name: str) -> None:
        """Wait until all pods of a Deployment are there."""
        self.kubectl("rollout", "status", f"deployment/{name}", "--timeout=200s")


def as_written(raw: Mapping[str, Any]) -> Json:
    """Return an object without its status, and without what changes with it; who wrote what, and when, stays."""
    written = {key: value for key, value in raw.items() if key != "status"}
    metadata = {key: value for key, value in raw["metadata"].items() if key != "resourceVersion"}
    entries = [each for each in metadata.get("managedFields", ()) if each.get("subresource") != "status"]
    return {**written, "metadata": {**metadata, "managedFields": entries}}


def is_ready(pod: Mapping[str, Any]) -> bool:
    """Whether POD serves and is not ending."""
    conditions: Sequence[Mapping[str, Any]] = pod["status"].get("conditions") or ()
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return ready and "deletionTimestamp" not in pod["metadata"]
