"""A cluster in memory for the services: the modelled Deployment, any other objects as JSON, a clock, and faults."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cictl.core.record import ReleaseRecord
from cictl.errors import CictlError, Conflict, NotFound
from cictl.services.driver_tools import Progress
from cictl.services.leases import LeaseKeeper
from cictl.services.planning import Planner
from cictl.services.release_objects import ReleaseObjects
from cictl.services.release_store import ReleaseStore
from cictl.services.rollouts import Rollouts
from cictl.services.sessions import Parts
from tests.unit.json_patch import apply_patch
from tests.unit.rollout_model import Model
from tests.unit.rollout_objects import EPOCH, Json

Key = tuple[str, str]
_MODELLED = {"Deployment", "ReplicaSet", "Pod"}


@dataclass
class Fault:
    """Raise ERROR at the next VERB on KIND; `is_done` says that the write was done all the same."""

    verb: str
    kind: str
    error: CictlError
    is_done: bool = False


class FakeCluster:
    """Every verb of the API that services use, against a model and a dictionary."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.objects: dict[Key, Json] = {}
        self.faults: list[Fault] = []
        self.calls: list[tuple[str, str, str]] = []
        self.forbidden: set[tuple[str, str]] = set()
        self.log: tuple[str, ...] = ("it broke",)

    def now(self) -> float:
        return self.model.now

    @contextmanager
    def _call(self, verb: str, kind: str, name: str = "") -> Iterator[None]:
        self.calls.append((verb, kind, name))
        fault = next((each for each in self.faults if (each.verb, each.kind) == (verb, kind)), None)
        if fault is None:
            yield
            return
        self.faults.remove(fault)
        if fault.is_done:
            yield
        raise fault.error

    def find(self, kind: str, _namespace: str, name: str, *, api_version: str | None = None) -> Json | None:
        del api_version
        with self._call("get", kind, name):
            return copy.deepcopy(self._lookup(kind, name))

    def _lookup(self, kind: str, name: str) -> Json | None:
        if kind == "Deployment":
            return self.model.deployment
        if kind == "ReplicaSet":
            return next((each for each in self.model.replica_sets if each["metadata"]["name"] == name), None)
        return self.objects.get((kind, name))

    def get(self, kind: str, namespace: str, name: str) -> Json:
        if (found := self.find(kind, namespace, name)) is None:
            raise NotFound(f"no {kind} {name}")
        return found

    def list(self, kind: str, _namespace: str, *, labels: str = "", fields: str = "") -> Json:
        del fields
        with self._call("list", kind):
            if kind in _MODELLED:
                seen = self.model.seen()
                found = {"Deployment": seen.deployments, "ReplicaSet": seen.replica_sets, "Pod": seen.pods}[kind]
                return {"items": list(found)}
            wanted = dict(part.split("=") for part in labels.split(",") if part)
            mine = [raw for (of, _), raw in self.objects.items() if of == kind]
            return {
                "items": [
                    copy.deepcopy(raw) for raw in mine if wanted.items() <= raw["metadata"].get("labels", {}).items()
                ]
            }

    def create(self, _namespace: str, body: Json, *, dry_run: bool = False) -> Json:
        kind, name = body["kind"], body["metadata"].get("name", "")
        with self._call("try" if dry_run else "create", kind, name):
            if self._lookup(kind, name) is not None:
                raise Conflict(f"{kind} {name} exists")
            return self._keep(body, dry_run=dry_run)

    def _keep(self, body: Json, *, dry_run: bool) -> Json:
        kept = copy.deepcopy(body)
        self.model.version += 1
        before = self._lookup(body["kind"], body["metadata"].get("name", ""))
        kept["metadata"].setdefault("uid", before["metadata"]["uid"] if before else f"uid-{self.model.version}")
        kept["metadata"]["resourceVersion"] = str(self.model.version)
        if dry_run:
            return kept
        if kept["kind"] == "Deployment":
            kept["metadata"]["generation"], kept["status"] = 1, {}
            kept["spec"] = {"progressDeadlineSeconds": 600, "minReadySeconds": 0, "replicas": 1, **kept["spec"]}
            self.model.deployment = kept
        else:
            self.objects[kept["kind"], kept["metadata"]["name"]] = kept
        return copy.deepcopy(kept)

    def apply(self, _namespace: str, body: Json, *, force: bool = False, dry_run: bool = False) -> Json:
        del force
        kind, name = body["kind"], body["metadata"]["name"]
        with self._call("try" if dry_run else "apply", kind, name):
            before = self._lookup(kind, name)
            asked = body["metadata"].get("resourceVersion")
            if asked is not None and (before is None or before["metadata"]["resourceVersion"] != asked):
                raise Conflict(f"{kind} {name} has changed")
            return self._keep(body, dry_run=dry_run)

    def patch(self, kind: str, namespace: str, name: str, operations: Sequence[Json], *, dry_run: bool = False) -> Json:
        del namespace
        with self._call("try" if dry_run else "patch", kind, name):
            live = self._lookup(kind, name)
            if live is None:
                raise NotFound(f"no {kind} {name}")
            if dry_run:
                return apply_patch(live, operations)
            if kind in _MODELLED:
                return self.model.patch(kind, name, operations)
            return self._keep(apply_patch(live, operations), dry_run=False)

    def replace(self, _namespace: str, body: Json) -> Json:
        kind, name = body["kind"], body["metadata"]["name"]
        with self._call("replace", kind, name):
            live = self._lookup(kind, name)
            if live is None:
                raise NotFound(f"no {kind} {name}")
            if live["metadata"]["resourceVersion"] != body["metadata"]["resourceVersion"]:
                raise Conflict(f"{kind} {name} has changed")
            return self._keep(body, dry_run=False)

    def delete(self, kind: str, _namespace: str, name: str, *, uid: str, api_version: str | None = None) -> None:
        del api_version
        with self._call("delete", kind, name):
            live = self._lookup(kind, name)
            if live is None:
                return
            if live["metadata"]["uid"] != uid:
                raise Conflict(f"{kind} {name} is another")
            if kind == "Deployment":
                self.model.deployment = None
                self.model.version += 1
            else:
                del self.objects[kind, name]

    def may(
        self, _namespace: str, verb: str, kind: str, subresource: str = "", *, api_version: str | None = None
    ) -> bool:
        del subresource, api_version
        return (verb, kind) not in self.forbidden

    def log_tail(self, _namespace: str, pod: str, container: str, *, previous: bool, lines: int) -> tuple[str, ...]:
        del container, previous, lines
        with self._call("log", "Pod", pod):
            return self.log

    def wrote(self, *kinds: str) -> Sequence[tuple[str, str, str]]:
        """Return the writes that were made, of these kinds."""
        reads = {"get", "list", "try", "log"}
        return [call for call in self.calls if call[0] not in reads and (not kinds or call[1] in kinds)]


class FakeClock:
    """The model's time: it passes when somebody waits."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.on_sleep: list[Callable[[], object]] = []

    def monotonic(self) -> float:
        return self.model.now - EPOCH

    def wall(self) -> float:
        return self.model.now

    def sleep(self, seconds: float) -> None:
        self.model.now += max(0.0, seconds)
        if self.on_sleep:
            self.on_sleep.pop(0)()


class FakeLive:
    """The watches: always up to date; while somebody waits, the controllers work, the script goes on, time passes."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.script: list[Callable[[], object]] = []
        self.refreshed = 0
        self.problem: CictlError | None = None

    @property
    def changes(self) -> int:
        return self.model.version

    def get(self, name: str) -> tuple[Json, ...]:
        seen = self.model.seen()
        found = {"deployment": seen.deployments, "replica_sets": seen.replica_sets, "pods": seen.pods}[name]
        return tuple(dict(raw) for raw in found)

    def put(self, name: str, raw: Json) -> None:
        """Know it already."""

    def wait(self, seen: int, timeout_seconds: float | None) -> None:
        self.model.settle()
        if self.script and self.model.version == seen:
            self.script.pop(0)()
            self.model.version += 1
        if self.model.version == seen:
            assert timeout_seconds is not None, "the driver waits for ever"
            self.model.now += min(timeout_seconds, 5.0)

    def wake(self) -> None:
        self.model.version += 1

    def refresh(self) -> None:
        self.refreshed += 1

    def trouble(self) -> CictlError | None:
        return self.problem


@dataclass
class Notes:
    """A reporter that remembers."""

    progress: list[Progress] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def note(self, progress: Progress) -> None:
        self.progress.append(progress)

    def say(self, line: str) -> None:
        self.lines.append(line)

    @property
    def phases(self) -> list[str]:
        """The phases that were seen, each once in a row."""
        seen = [each.sight.snapshot.state.phase.value for each in self.progress if each.sight.snapshot.state]
        return [phase for index, phase in enumerate(seen) if index == 0 or seen[index - 1] != phase]


class World:
    """One namespace with all services on it."""

    def __init__(self, model: Model) -> None:
        self.model, self.clock, self.live = model, FakeClock(model), FakeLive(model)
        self.cluster = FakeCluster(model)
        self.store = ReleaseStore(self.cluster, "prod")
        self.objects = ReleaseObjects(self.cluster, "prod")
        self.planner = Planner(self.cluster, self.store, self.objects)
        self.notes = Notes()
        self.identities = iter(f"driver-{number}" for number in range(1, 100))
        self.rollouts = Rollouts(
            Parts(
                cluster=self.cluster,
                store=self.store,
                objects=self.objects,
                planner=self.planner,
                clock=self.clock,
                watch=self._watch,
                judge=_no_judge,
                lease=self.lease,
            ),
            "prod",
        )

    @contextmanager
    def _watch(self, deployment: str, selector: str) -> Iterator[FakeLive]:
        assert (deployment, selector) == ("shop", "app=shop")
        yield self.live

    def lease(self, service: str) -> LeaseKeeper:
        return LeaseKeeper(self.cluster, "prod", service, next(self.identities), self.clock)

    def fail(self, verb: str, kind: str, error: CictlError, *, is_done: bool = False) -> None:
        """Let the next VERB on KIND fail."""
        self.cluster.faults.append(Fault(verb, kind, error, is_done))

    def annotation(self, revision: int, name: str) -> Any:  # noqa: ANN401 - of JSON
        return self.cluster.objects["ConfigMap", f"cictl.shop.v{revision}"]["metadata"]["annotations"].get(name)


def _no_judge(_record: ReleaseRecord) -> None:
    return None
