"""A Deployment that its owner made by kubectl, with values of its own, and rollouts of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.e2e.kubernetes_proxy import Proxy
from tests.e2e.support.cluster import Namespace
from tests.e2e.support.images import Images
from tests.e2e.support.program import PATIENCE_SECONDS, Done, Running
from tests.e2e.support.project import Project
from tests.running import eventually

Json = dict[str, Any]
NAME = "checkout"
TARGET = f"deployment/{NAME}"
OWN: Json = {
    "minReadySeconds": 1,
    "progressDeadlineSeconds": 333,
    "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "34%", "maxUnavailable": 1}},
}
STRATEGIES: Json = {
    "quick": {"steps": [{"weight": 25, "pause": "1s"}, {"weight": 50, "pause": "1s"}], "deadline": "2m"},
    "swap": {
        "steps": [{"weight": 25, "pause": "1s"}, {"weight": 50, "pause": "1s"}],
        "capacity": "swapped",
        "deadline": "2m",
    },
    "swap-slow": {  # long enough for the Lease to be renewed
        "steps": [{"weight": 25, "pause": "7s"}, {"weight": 50, "pause": "1s"}],
        "capacity": "swapped",
        "deadline": "2m",
    },
    "swap-held": {  # long enough for pods to come up, and then to meet the driver while it waits
        "steps": [{"weight": 25, "pause": "20s"}, {"weight": 50, "pause": "1s"}],
        "capacity": "swapped",
        "deadline": "2m",
    },
    "drifting": {"steps": [{"weight": 20, "pause": "10m"}]},  # of 5 pods: 5 + 1, 6 + 2, and back 4 + 2
    "endless-swap": {"steps": [{"weight": 50, "pause": "10m"}], "capacity": "swapped", "deadline": "2m"},
}
_RESTRICTED: Json = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


class Adopted:
    """The Deployment, its Service, and cictl for it."""

    def __init__(self, project: Project, namespace: Namespace, images: Images) -> None:
        """Prepare the files; nothing is made yet."""
        self.namespace, self.images, self._program = namespace, images, project.program
        self.own, self.environment = OWN, {"CATALOG_URL": "builtin"}
        for name, strategy in STRATEGIES.items():
            project.change_strategy(name, **strategy)

    def make(self, *, replicas: int = 4, version: str = "v1") -> None:
        """Make it, and wait until its pods are there."""
        self.namespace.apply(self.body(replicas=replicas, version=version), _SERVICE)
        self.namespace.await_available(NAME)

    def body(self, *, replicas: int = 4, version: str = "v1") -> Json:
        """Return the Deployment as its owner writes it."""
        labels = {"app.kubernetes.io/name": NAME, "cictl.dev/metrics": "true"}
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": NAME, "labels": {"team": "shop"}},
            "spec": {
                **self.own,
                "replicas": replicas,
                "selector": {"matchLabels": {"app.kubernetes.io/name": NAME}},
                "template": {"metadata": {"labels": labels}, "spec": self._pod(version)},
            },
        }

    def _pod(self, version: str) -> Json:
        return {
            "terminationGracePeriodSeconds": 15,
            "enableServiceLinks": False,
            "containers": [
                {
                    "name": NAME,
                    "image": self.images[version],
                    "env": [{"name": name, "value": value} for name, value in self.environment.items()],
                    "ports": [{"name": "http", "containerPort": 8080}, {"name": "metrics", "containerPort": 9102}],
                    "readinessProbe": {
                        "httpGet": {"path": "/readyz", "port": "http"},
                        "periodSeconds": 1,
                        "timeoutSeconds": 5,
                    },
                    "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
                    "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
                    "securityContext": _RESTRICTED,
                },
            ],
        }

    def begin(self, version: str = "v2", *, strategy: str = "endless", through: Proxy | None = None) -> Running:
        """Start to roll VERSION out, and return at once."""
        options = ("--image", self.images[version], "--strategy", strategy, "-o", "json")
        return self.begin_command("start", *options, through=through)

    def begin_held(self, version: str = "v2", *, strategy: str = "endless", through: Proxy | None = None) -> Running:
        """Start to roll VERSION out, and return when its first step is held with every pod ready."""
        running = self.begin(version, strategy=strategy, through=through)
        self.await_pausing(running)
        return running

    @staticmethod
    def await_pausing(running: Running) -> None:
        """Wait until a driver says that it only waits for the pause to be over."""
        eventually(
            lambda: "pausing" in running.stderr or not running.is_running,
            seconds=PATIENCE_SECONDS,
            what=lambda: f"a held step: {running.stderr}",
        )
        assert running.is_running, running.stderr + running.stdout

    def begin_command(self, verb: str, *options: str, through: Proxy | None = None) -> Running:
        """Start `cictl rollout VERB`, and return at once."""
        environment: Mapping[str, str] | None = None if through is None else through.environment
        arguments = ("rollout", verb, TARGET, "--namespace", self.namespace.name, "--context", "lab", *options)
        return self._program.start(*arguments, environment=environment)

    def command(self, verb: str, *options: str, through: Proxy | None = None) -> Done:
        """Run `cictl rollout VERB` to its end."""
        return self.begin_command(verb, *options, through=through).wait()

    def start(self, version: str, *, strategy: str, through: Proxy | None = None) -> Done:
        """Roll VERSION out, to the end."""
        return self.begin(version, strategy=strategy, through=through).wait()

    def history(self) -> list[tuple[int, str]]:
        """Return the releases and how each ended, oldest first."""
        items = self.command("history", "-o", "json").expect(0).json["items"]
        return [(each["release"], each["outcome"]) for each in reversed(items)]

    def why(self) -> str:
        """Return why the newest release ended as it did."""
        return str(self.command("history", "-o", "json").expect(0).json["items"][0]["why"])

    def split(self) -> dict[str, int]:
        """Return how many pods each version is to have, by its ReplicaSets."""
        wanted: dict[str, int] = {}
        for raw in self.namespace.replica_sets(NAME):
            version = self.version_of(raw["spec"]["template"]["spec"]["containers"][0]["image"])
            wanted[version] = wanted.get(version, 0) + int(raw["spec"]["replicas"])
        return {version: count for version, count in sorted(wanted.items()) if count}

    def version_of(self, image: str) -> str:
        """Return the version that IMAGE is."""
        return next(version for version in self.images.digests if self.images[version] == image)

    def await_split(self, *, seconds: float = PATIENCE_SECONDS, **wanted: int) -> None:
        """Wait until the ReplicaSets are to have so many pods, by version."""
        seen: dict[str, int] = {}

        def look() -> bool:
            nonlocal seen
            seen = self.split()
            return seen == wanted

        try:
            eventually(look, seconds=seconds)
        except AssertionError:
            message = f"the split is {seen}, not {wanted}"
            raise AssertionError(message) from None

    def assert_ended(self, phase: str, *, version: str, reason: str | None = None, replicas: int = 4) -> None:
        """Check that VERSION alone is left, that the own values are back, and that the record says PHASE."""
        spec = self.namespace.get("deployment", NAME)["spec"]
        assert self.namespace.held(NAME) == self.own
        assert not spec.get("paused")
        assert spec["replicas"] == replicas
        assert self.version_of(self.namespace.image(NAME)) == version
        state = self.namespace.state(NAME)
        assert state["phase"] == phase
        assert reason in {None, state["reason"]}
        self.await_split(**({version: replicas} if replicas else {}))
        eventually(self._is_at_rest, seconds=PATIENCE_SECONDS, what="pods are still coming or going")
        assert self.history()[-1][1] == phase

    def _is_at_rest(self) -> bool:
        """Whether each ReplicaSet has the pods that it is to have: until then no rollout may start."""
        found = self.namespace.replica_sets(NAME)
        return all(
            raw["status"].get("observedGeneration", 0) >= raw["metadata"]["generation"]
            and raw["status"].get("replicas", 0) == raw["spec"]["replicas"]
            for raw in found
        )

    def patch(self, body: Mapping[str, Any], kind: str = "deployment", name: str = NAME) -> None:
        """Change it as `kubectl patch` does."""
        self.namespace.kubectl("patch", kind, name, "--type=merge", f"--patch={json.dumps(body)}")

    def revisions(self) -> list[int]:
        """Return what `kubectl rollout history` lists."""
        text = self.namespace.kubectl("rollout", "history", f"deployment/{NAME}")
        return [int(number) for number in re.findall(r"^(\d+)\s", text, re.MULTILINE)]


_SERVICE: Json = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": NAME},
    "spec": {"selector": {"app.kubernetes.io/name": NAME}, "ports": [{"port": 80, "targetPort": "http"}]},
}
