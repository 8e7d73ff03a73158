"""A platform's cictl.yaml and a service's service.yaml for one test, with pauses short enough to wait for."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.support.program import Done, Program, Running

Json = dict[str, Any]
ENVIRONMENT = "test"
CHART = Path(__file__).parents[3] / "charts" / "service"
STEPS = [{"weight": 25, "pause": "3s"}, {"weight": 50, "pause": "3s"}]
# Deadlines that no rollout runs over, however busy the machine; a test that waits for one sets its own.
STRATEGIES: Json = {
    "direct": {"deadline": "2m"},
    "canary": {"steps": STEPS, "gate": "default", "watch": "2s", "deadline": "2m"},
    "blind": {"steps": STEPS, "deadline": "2m"},  # no gate: only pods are looked at
    "swapped": {"steps": STEPS, "capacity": "swapped", "deadline": "2m"},
    "endless": {"steps": [{"weight": 25, "pause": "10m"}]},  # holds for as long as the test needs
}
COUNT = "sum(increase(http_requests_total{%s}[$window]))"
QUANTILE = "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket{$selector}[$window])))"
GATE: Json = {
    "every": "1s",
    "min_requests": 10,
    "traffic": COUNT % "$selector",
    "checks": [
        {
            "name": "error-rate",
            "bad": COUNT % '$selector,code=~"5.."',
            "total": COUNT % "$selector",
            "max": "1%",
        },
        {"name": "latency-p99", "query": QUANTILE, "max": "2500ms", "for": 3},
    ],
}
VALUES: Json = {
    "replicas": 3,
    "config": {"config.yaml": "greeting: hello\ncatalog_url: builtin\n"},
    "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}},
    "preStopSleepSeconds": 5,  # so long may kube-proxy take to hear that a pod is going
    "terminationGracePeriodSeconds": 15,
    # Pods that serve stay ready though the machine is busy with other tests.
    "probes": {
        "readiness": {"periodSeconds": 1, "timeoutSeconds": 5, "failureThreshold": 4},
        "liveness": {"enabled": False},
    },
}


class Project:
    """The files, and cictl run where they are."""

    def __init__(self, program: Program, namespace: str, *, prometheus: str, registry: str) -> None:
        """Write both files into PROGRAM's directory."""
        self.program, self.directory = program, program.directory
        self.platform: Json = {
            "version": 1,
            "registry": {"url": registry, "repository": "e2e-rollouts", "insecure": True},
            "prometheus": {"url": prometheus},
            "environments": {ENVIRONMENT: {"context": "lab", "namespace": namespace, "strategy": "canary"}},
            "strategies": copy.deepcopy(STRATEGIES),
            "gates": {"default": copy.deepcopy(GATE)},
            "services": {"checkout": {"path": "checkout"}},
        }
        self.service: Json = {"name": "checkout", "chart": {"path": str(CHART), "values": copy.deepcopy(VALUES)}}
        self.write()

    @property
    def values(self) -> Json:
        """The chart's values, to change before `write`."""
        values: Json = self.service["chart"]["values"]
        return values

    def write(self) -> None:
        """Write both files as they now are."""
        folder = self.directory / "checkout"
        folder.mkdir(exist_ok=True)
        (self.directory / "cictl.yaml").write_text(yaml.safe_dump(self.platform, sort_keys=False))
        (folder / "service.yaml").write_text(yaml.safe_dump(self.service, sort_keys=False))

    def change_strategy(self, name: str, **values: object) -> None:
        """Change the strategy NAME."""
        self.platform["strategies"].setdefault(name, {}).update(values)
        self.write()

    def change_gate(self, **values: object) -> None:
        """Change the gate."""
        self.platform["gates"]["default"].update(values)
        self.write()

    def change_values(self, **values: object) -> None:
        """Change the chart's values."""
        self.values.update(values)
        self.write()

    def greet(self, greeting: str) -> None:
        """Change the configuration that responses carry in X-Config."""
        self.change_values(config={"config.yaml": f"greeting: {greeting}\ncatalog_url: builtin\n"})

    def begin(self, image: str, *options: str, environment: Mapping[str, str] | None = None) -> Running:
        """Start to roll IMAGE out, and return at once."""
        return self.program.start(*self._start(image, *options), environment=environment)

    def roll_out(self, image: str, *options: str, environment: Mapping[str, str] | None = None) -> Done:
        """Roll IMAGE out, to the end."""
        return self.program.run(*self._start(image, *options), environment=environment)

    @staticmethod
    def _start(image: str, *options: str) -> list[str]:
        return ["rollout", "start", "checkout", "--env", ENVIRONMENT, "--image", image, *options]

    def rollout(self, verb: str, *options: str) -> Done:
        """Run another command of `cictl rollout` on the service."""
        return self.program.run("rollout", verb, "checkout", "--env", ENVIRONMENT, *options)

    def begin_rollout(self, verb: str, *options: str) -> Running:
        """Start another command of `cictl rollout`, and return at once."""
        return self.program.start("rollout", verb, "checkout", "--env", ENVIRONMENT, *options)

    def status(self) -> Json:
        """Return where the rollout is."""
        return self.rollout("status", "-o", "json").expect(0).json

    def history(self) -> list[Json]:
        """Return the releases that are kept, newest first."""
        items: list[Json] = self.rollout("history", "-o", "json").expect(0).json["items"]
        return items

    def install(self, image: str) -> None:
        """Bring IMAGE in without ceremony, as the stable release."""
        self.roll_out(image, "--strategy", "direct").expect(0)
