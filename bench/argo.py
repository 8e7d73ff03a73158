"""Argo Rollouts beside us: its controller built from its Go module, run on this machine, and gone afterwards."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.place import NAMESPACE, Place
from lab import golang, output
from lab.golang import Program
from lab.layout import Layout
from lab.shell import run

MODULE = "github.com/argoproj/argo-rollouts"
CONTROLLER = Program("argo-rollouts", f"{MODULE}/cmd/rollouts-controller", ("rollouts-controller",))
_START_SECONDS = 60.0
_HEALTH_PORT, _METRICS_PORT = 18080, 18090


def ensure_controller(layout: Layout) -> Path:
    """Return the built controller; minutes where nothing is cached."""
    target = golang.built(layout, CONTROLLER)
    if not target.exists():
        with output.step("building argo-rollouts (minutes when nothing is cached)"):
            golang.build(layout, CONTROLLER, golang.toolchain(layout))
    return target


def version() -> str:
    """Return the version of Argo Rollouts that the module names."""
    lines = (CONTROLLER.module / "go.mod").read_text().splitlines()
    return next(words[1] for line in lines if (words := line.removeprefix("require").split())[:1] == [MODULE])


@contextmanager
def custom_resources(place: Place, layout: Layout) -> Iterator[None]:
    """Have Argo's custom resource definitions in the cluster for a while."""
    listing = run(
        [golang.toolchain(layout), "list", "-m", "-f", "{{.Dir}}", MODULE],
        cwd=CONTROLLER.module,
        env=golang.BUILD_ENV,
    )
    files = [f"--filename={path}" for path in sorted((Path(listing.strip()) / "manifests" / "crds").glob("*-crd.yaml"))]
    place.kubectl("apply", "--server-side", *files)
    try:
        place.kubectl("wait", "--for=condition=Established", "--timeout=30s", *files)
        yield
    finally:
        place.kubectl("delete", "--ignore-not-found", "--timeout=60s", *files)


@contextmanager
def controller(place: Place, program: Path, *, kubeconfig: str | None = None) -> Iterator[int]:
    """Run the controller with its defaults, its ports apart; yield its process. Its own Lease is in our namespace."""
    words = [str(program), "--kubeconfig", kubeconfig or place.variables["KUBECONFIG"]]
    words += ["--healthzPort", str(_HEALTH_PORT), "--metricsPort", str(_METRICS_PORT)]
    with (place.folder / "argo-rollouts.log").open("w") as log:
        process = subprocess.Popen(
            words, env={**os.environ, **place.variables, "POD_NAMESPACE": NAMESPACE}, stdout=log, stderr=log
        )
        try:
            _await_healthy(process)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await_healthy(process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not _is_healthy():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the controller of Argo Rollouts did not start ({process.poll()})")
        time.sleep(0.2)


def _is_healthy() -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{_HEALTH_PORT}/healthz", timeout=1) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's own
    except (OSError, urllib.error.URLError):
        return False
