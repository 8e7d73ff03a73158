"""What the demo asks of the cluster itself: its namespaces, where the service answers, where a rollout is."""

from __future__ import annotations

import json
import time
from typing import Any

from lab.demo.runner import DemoError, Runner
from lab.demo.shop import NAMESPACES

_MARK = "app.kubernetes.io/created-by=cictl-demo"
_RESTRICTED = "pod-security.kubernetes.io/enforce=restricted"
_LONGEST_WAIT_SECONDS = 300.0  # a pipeline builds and tests before its rollout begins


class Place:
    """The demo's namespaces of one cluster."""

    def __init__(self, runner: Runner, context: str) -> None:
        """Ask CONTEXT's API through kubectl."""
        self._runner, self._context = runner, context
        columns = "-Lcictl.dev/release,cictl.dev/phase,cictl.dev/step,cictl.dev/token"
        self.listing = ("get", "deployments", "--context", context, "--namespace", "staging", columns)

    def _kubectl(self, *words: str) -> str:
        return self._runner.ask("kubectl", "--context", self._context, *words)

    def clear(self) -> None:
        """Begin to delete what an earlier demo left; DemoError where a namespace is somebody else's."""
        found = json.loads(self._kubectl("get", "namespaces", "--output", "json"))["items"]
        there = {item["metadata"]["name"]: item["metadata"].get("labels") or {} for item in found}
        key, _, value = _MARK.partition("=")
        for name in NAMESPACES:
            if name in there and there[name].get(key) != value:
                hint = f"delete it if nobody needs it: kubectl --context {self._context} delete namespace {name}"
                raise DemoError(f"there is a namespace {name} that is not the demo's", hint=hint)
        for name in (name for name in NAMESPACES if name in there):
            # From the first on, no pod comes back; without the second, each would take its grace period.
            self._kubectl("delete", "namespace", name, "--wait=false")
            self._kubectl("delete", "pods", "--all", "--namespace", name, "--force", "--grace-period=0", "--wait=false")

    def prepare(self) -> None:
        """Make the namespaces, with the Pod Security level that forbids most."""
        for name in NAMESPACES:
            self._kubectl("wait", "--for=delete", f"namespace/{name}", f"--timeout={_LONGEST_WAIT_SECONDS:.0f}s")
            self._runner.run("kubectl", "--context", self._context, "create", "namespace", name)
            self._kubectl("label", "namespace", name, _MARK, _RESTRICTED)

    def url(self, service: str, path: str, *, environment: str) -> str:
        """Return where clients on this machine reach SERVICE in ENVIRONMENT."""
        address = ("get", "service", service, "--namespace", environment, "--output", "jsonpath={.spec.clusterIP}")
        return f"http://{self._kubectl(*address)}{path}"

    def release(self, service: str) -> int:
        """Return the release that SERVICE's labels name in staging."""
        return int(self._deployment(service)["metadata"]["labels"]["cictl.dev/release"])

    def wait_for_step(self, service: str, *, after: int) -> None:
        """Return when the canary of a release later than AFTER is all there, in the middle of its first step."""
        deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
        while not self._is_stepping(service, after):
            if time.monotonic() > deadline:
                raise DemoError(f"no release of {service} after {after} reached a step")
            time.sleep(0.2)

    def _is_stepping(self, service: str, after: int) -> bool:
        found = self._deployment(service)
        labels, status = found["metadata"]["labels"], found["status"]
        is_there = int(labels["cictl.dev/release"]) > after and labels["cictl.dev/phase"] == "stepping"
        are_ready = status.get("readyReplicas", 0) == status.get("replicas", 0)
        return is_there and are_ready and status.get("updatedReplicas", 0) > 0

    def _deployment(self, service: str) -> dict[str, Any]:
        text = self._kubectl("get", "deployment", service, "--namespace", "staging", "--output", "json")
        found: dict[str, Any] = json.loads(text)
        return found
