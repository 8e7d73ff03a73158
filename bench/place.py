"""The benchmarks' namespace in the lab: kubectl as a user has it, images, and what is watched while it is measured."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from lab.layout import REPOSITORY
from lab.shell import run

Json = dict[str, Any]
NAMESPACE = "bench"
BASE_IMAGE = "cictl-lab/python:3"
# By the version that responses carry: the share of errors that it answers with.
VERSIONS: Mapping[str, str] = {"v1": "", "v2": "", "bad30": "0.3", "bad5": "0.05"}
_READY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Place:
    """A namespace of the lab; VARIABLES are what the lab exports, FOLDER is for files of this run."""

    variables: Mapping[str, str]
    folder: Path

    @property
    def prometheus(self) -> str:
        """Where the lab's Prometheus answers."""
        return self.variables["CICTL_LAB_PROMETHEUS"]

    @property
    def context(self) -> str:
        """The kubeconfig's context."""
        return self.variables["CICTL_LAB_CONTEXT"]

    def run(self, *words: str, stdin: object = None) -> str:
        """Run a program of the lab."""
        return run(words, env=self.variables, stdin=None if stdin is None else json.dumps(stdin))

    def kubectl_words(self, *words: str) -> list[str]:
        """Return the command line of kubectl in the namespace."""
        return ["kubectl", "--context", self.context, "--namespace", NAMESPACE, *words]

    def kubectl(self, *words: str, stdin: object = None) -> str:
        """Run kubectl in the namespace."""
        return self.run(*self.kubectl_words(*words), stdin=stdin)

    def apply(self, *objects: Json) -> None:
        """Apply OBJECTS as their owner."""
        self.kubectl("apply", "--filename=-", stdin={"apiVersion": "v1", "kind": "List", "items": list(objects)})

    def await_rolled_out(self, name: str) -> None:
        """Wait until every pod of a Deployment is of its template."""
        self.kubectl("rollout", "status", f"deployment/{name}", f"--timeout={_READY_SECONDS}s")

    def service_url(self, name: str) -> str:
        """Return where clients on this machine reach a Service."""
        address = self.kubectl("get", "service", name, "--output=jsonpath={.spec.clusterIP}")
        return f"http://{address}/checkout"

    def image(self, version: str) -> str:
        """Build and push checkout in VERSION, and return it by digest."""
        repository = f"{self.variables['CICTL_LAB_REGISTRY']}/{NAMESPACE}/checkout"
        name = f"{repository}:{version}"
        values = {"BASE": BASE_IMAGE, "VERSION": version, "FAULT_ERROR_RATE": VERSIONS[version]}
        arguments = [f"--build-arg={key}={value}" for key, value in values.items()]
        source = str(REPOSITORY / "examples" / "checkout")
        self.run("docker", "build", "--quiet", "--target=runtime", *arguments, "--tag", name, source)
        self.run("docker", "push", "--quiet", name)
        found = self.run("docker", "inspect", "--format", '{{join .RepoDigests "\\n"}}', name).split()
        return next(each for each in found if each.startswith(f"{repository}@"))


@contextmanager
def namespace(place: Place) -> Iterator[None]:
    """Make the namespace, and take it away at the end; one that an interrupted run left is taken away before."""
    cluster = ("kubectl", "--context", place.context)
    place.run(*cluster, "delete", "namespace", NAMESPACE, "--ignore-not-found", "--timeout=120s")
    place.run(*cluster, "create", "namespace", NAMESPACE)
    try:
        yield
    finally:
        place.run(*cluster, "delete", "namespace", NAMESPACE, "--wait=false")


@dataclass(frozen=True, slots=True)
class Change:
    """Some fields of an object, and when kubectl's watch told of them (seconds since the epoch)."""

    at: float
    fields: tuple[str, ...]


class Follow:
    """Notes when FIELDS (JSONPath expressions) of an object change, by a watch that is there before they do."""

    def __init__(self, place: Place, kind: str, name: str, *fields: str) -> None:
        """Follow KIND/NAME; returns once the first state was seen."""
        template = "|".join(f"{{{field}}}" for field in fields)
        words = place.kubectl_words("get", kind, name, "--watch", f'--output=jsonpath={template}{{"\\n"}}')
        environment = {**os.environ, **place.variables}
        self._changes: list[Change] = []
        self._news = threading.Condition()
        self._process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.first(lambda _fields: True, what=f"a first look at {kind} {name}")

    def _read(self) -> None:
        for line in self._process.stdout or ():
            with self._news:
                self._changes.append(Change(time.time(), tuple(line.rstrip("\n").split("|"))))
                self._news.notify_all()

    def first(
        self, wanted: Callable[[tuple[str, ...]], bool], *, since: float = 0.0, seconds: float = 120.0, what: str = ""
    ) -> float:
        """Return when the first state after SINCE was seen that is WANTED, waiting for it."""
        deadline = time.monotonic() + seconds
        with self._news:
            while True:
                found = next((one.at for one in self._changes if one.at >= since and wanted(one.fields)), None)
                if found is not None:
                    return found
                if (left := deadline - time.monotonic()) <= 0:
                    raise TimeoutError(f"not within {seconds:g} s: {what}; last seen {self._changes[-1:]}")
                self._news.wait(left)

    def find(self, wanted: Callable[[tuple[str, ...]], bool]) -> float | None:
        """Return when the first state was seen that is WANTED, None if none was so far."""
        with self._news:
            return next((one.at for one in self._changes if wanted(one.fields)), None)

    def close(self) -> None:
        """End the watch."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        """Follow until the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the watch."""
        self.close()
