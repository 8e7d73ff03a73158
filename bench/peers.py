"""Three ways to bring an image in: cictl, plain kubectl, Argo Rollouts. Each has a Deployment or Rollout of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import yaml

from bench.place import NAMESPACE, Follow, Place
from bench.workloads import Step, as_rollout, chart_objects, cictl_config

CICTL = Path(sys.executable).with_name("cictl")
_PHASE = r".metadata.labels.cictl\.dev/phase"
_STEP = r".metadata.labels.cictl\.dev/step"
_ROLLOUT = "rollouts.argoproj.io"


@dataclass(frozen=True, slots=True)
class Release:
    """When a release was asked for and when it was done; MARKS are the moments between that the peer lets be seen."""

    began: float
    ended: float
    marks: Sequence[tuple[str, float]] = ()

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.began


class Peer(Protocol):
    """One of the ways."""

    @property
    def name(self) -> str:
        """What it is called, also in the cluster."""

    def install(self, image: str) -> None:
        """Have IMAGE run, however it gets there."""

    def release(self, image: str) -> Release:
        """Bring IMAGE in, step by step where the peer knows steps, and return when it was done."""


class Kubectl:
    """A Deployment's own rolling update: `kubectl set image`, then `kubectl rollout status`."""

    def __init__(self, place: Place, name: str = "kubectl") -> None:
        """Work in PLACE on the Deployment NAME."""
        self.place, self.name = place, name

    def install(self, image: str) -> None:
        """Apply what the chart makes, and wait for its pods."""
        self.place.apply(*chart_objects(self.place, self.name, image))
        self.place.await_rolled_out(self.name)

    def set_image(self, image: str) -> None:
        """Set the image."""
        self.place.kubectl("set", "image", f"deployment/{self.name}", f"{self.name}={image}")

    def release(self, image: str) -> Release:
        """Set the image, and wait as a user does."""
        began = time.time()
        self.set_image(image)
        self.place.await_rolled_out(self.name)
        return Release(began, time.time())

    def undo(self) -> None:
        """Go back."""
        self.place.kubectl("rollout", "undo", f"deployment/{self.name}")


class Cictl(Kubectl):
    """`cictl rollout start deployment/NAME` for a Deployment that kubectl made."""

    def __init__(
        self,
        place: Place,
        steps: tuple[Step, ...],
        *,
        every_seconds: int = 1,
        name: str = "cictl",
        kubeconfig: str | None = None,
    ) -> None:
        """Roll out by STEPS; a gate, where one is asked for, looks at every EVERY_SECONDS."""
        super().__init__(place, name)
        self._folder = place.folder / f"{name}-platform"
        self._folder.mkdir(exist_ok=True)
        config = cictl_config(place, steps, every_seconds=every_seconds)
        (self._folder / "cictl.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
        self._environment = {**os.environ, **place.variables}
        if kubeconfig is not None:
            self._environment["KUBECONFIG"] = kubeconfig

    def start(self, verb: str, *options: str) -> subprocess.Popen[str]:
        """Start `cictl rollout VERB` of the Deployment."""
        where = ("--namespace", NAMESPACE, "--context", self.place.context)
        words = [str(CICTL), "rollout", verb, f"deployment/{self.name}", *where, *options]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            words, cwd=self._folder, env=self._environment, stdout=subprocess.DEVNULL, stderr=pipe, text=True
        )

    def command(self, verb: str, *options: str, expect: int = 0) -> None:
        """Run `cictl rollout VERB` to its end."""
        finish(self.start(verb, *options), expect=expect)

    def follow(self) -> Follow:
        """Follow the rollout by the labels of its Deployment."""
        return Follow(self.place, "deployment", self.name, _PHASE, _STEP)

    def release(self, image: str) -> Release:
        """Roll IMAGE out by the steps, without a gate."""
        with self.follow() as follow:
            began = time.time()
            self.command("start", "--image", image, "--strategy", "paced")
            ended = time.time()
            phases = ("stepping", "promoting", "succeeded")
            marks = [(phase, follow.first(_is_phase(phase), since=began, seconds=5)) for phase in phases]
            steps = [("second step", follow.first(lambda one: one == ("stepping", "1"), since=began, seconds=5))]
        return Release(began, ended, sorted([*marks, *steps], key=lambda mark: mark[1]))


def _is_phase(phase: str) -> Predicate:
    return lambda fields: fields[0] == phase


class Predicate(Protocol):
    """Whether fields are those that are waited for."""

    def __call__(self, fields: tuple[str, ...], /) -> bool:
        """Say so."""


def finish(process: subprocess.Popen[str], *, expect: int = 0) -> None:
    """Wait for PROCESS; say what it said if it did not end with EXPECT."""
    _, errors = process.communicate(timeout=180)
    if process.returncode != expect:
        raise RuntimeError(f"cictl ended with {process.returncode}, not {expect}:\n{errors}")


class Argo:
    """A Rollout of Argo's controller: `kubectl patch`, then its status until it is Healthy."""

    def __init__(
        self, place: Place, steps: tuple[Step, ...], *, analysis: str | None = None, name: str = "argo"
    ) -> None:
        """Roll out by STEPS; ANALYSIS names the AnalysisTemplate that judges in the background."""
        self.place, self.name = place, name
        self._steps, self._analysis = steps, analysis

    def install(self, image: str) -> None:
        """Apply the chart's Deployment as a Rollout, and wait for its pods."""
        objects = chart_objects(self.place, self.name, image)
        self.place.apply(
            *(as_rollout(one, self._steps, self._analysis) if one["kind"] == "Deployment" else one for one in objects)
        )
        with self.follow() as follow:
            follow.first(_is_healthy_after(0), what="a healthy Rollout")

    def follow(self) -> Follow:
        """Follow the Rollout by its status."""
        fields = (".metadata.generation", ".status.observedGeneration", ".status.phase", ".status.abort")
        return Follow(self.place, _ROLLOUT, self.name, *fields)

    def set_image(self, image: str) -> None:
        """Set the image."""
        patch = [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": image}]
        self.place.kubectl("patch", _ROLLOUT, self.name, "--type=json", f"--patch={json.dumps(patch)}")

    def release(self, image: str) -> Release:
        """Set the image, and wait until the Rollout is healthy."""
        before = int(self.place.kubectl("get", _ROLLOUT, self.name, "--output=jsonpath={.metadata.generation}"))
        with self.follow() as follow:
            began = time.time()
            self.set_image(image)
            return Release(began, follow.first(_is_healthy_after(before), what="a healthy Rollout"))


def _is_healthy_after(generation: int) -> Predicate:
    def is_healthy(fields: tuple[str, ...]) -> bool:
        seen, observed, phase, *_ = fields
        return seen == observed and int(seen) > generation and phase == "Healthy"

    return is_healthy
