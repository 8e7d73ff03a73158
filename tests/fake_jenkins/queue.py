"""Jenkins' queue: an item waits, leaves for a build, or is cancelled; it can be looked at for a while afterwards."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.fake_jenkins.builds import Build, BuildScript, Cause
from tests.fake_jenkins.exported import Field, Plain, plain

if TYPE_CHECKING:
    from tests.fake_jenkins.exchange import Exchange
    from tests.fake_jenkins.items import Item, Job


class QueueItem:
    kinds = ("queue-item",)

    def __init__(self, number: int, task: Item, cause: Cause, parameters: Sequence[Plain], script: BuildScript) -> None:
        self.number, self.task, self.cause = number, task, cause
        self.parameters, self.script = parameters, script
        self.looks = script.queue_looks
        self.since = int(time.time() * 1000)
        self.build: Build | None = None
        self.cancelled = False
        self.is_blocked = False
        self.why = script.why

    @property
    def waits(self) -> bool:
        return self.build is None and not self.cancelled

    @property
    def class_name(self) -> str:
        if not self.waits:
            return "hudson.model.Queue$LeftItem"
        return "hudson.model.Queue$" + ("BlockedItem" if self.is_blocked else "WaitingItem")

    def params(self) -> str:
        return "".join(f"\n{dict(each.values)['name']}={dict(each.values)['value']}" for each in self.parameters)

    def actions(self) -> list[Plain]:
        shown = [plain("hudson.model.ParametersAction", parameters=list(self.parameters))] if self.parameters else []
        return [*shown, plain("hudson.model.CauseAction", causes=[self.cause.exported()])]

    def exported_fields(self) -> Sequence[Field]:
        if not self.waits:
            return (*ITEM_FIELDS, *LEFT_FIELDS)
        return (*ITEM_FIELDS, BLOCKED_FIELD if self.is_blocked else WAITING_FIELD)


ITEM_FIELDS = (
    Field("actions", lambda item, _: item.actions()),
    Field("blocked", lambda item, _: item.waits and item.is_blocked),
    Field("buildable", lambda *_: False),
    Field("id", lambda item, _: item.number),
    Field("inQueueSince", lambda item, _: item.since),
    Field("params", lambda item, _: item.params()),
    Field("stuck", lambda *_: False),
    Field("task", lambda item, _: item.task),
    Field("url", lambda item, _: f"queue/item/{item.number}/"),
    Field("why", lambda item, _: item.why if item.waits else None),
)
LEFT_FIELDS = (
    Field("cancelled", lambda item, _: item.cancelled),
    Field("executable", lambda item, _: item.build),
)
WAITING_FIELD = Field("timestamp", lambda item, _: item.since)
BLOCKED_FIELD = Field("buildableStartMilliseconds", lambda item, _: item.since)


class Queue:
    kinds = ("queue",)
    class_name = "hudson.model.Queue"

    def __init__(self) -> None:
        self.items: dict[int, QueueItem] = {}
        self._last = 0
        self.is_held = False  # quieting down: nothing starts

    def waiting(self) -> list[QueueItem]:
        return [item for item in self.items.values() if item.waits]

    def waiting_of(self, task: Item) -> QueueItem | None:
        return next((item for item in self.items.values() if item.task is task and item.waits), None)

    def add(self, task: Item, cause: Cause, parameters: Sequence[Plain], script: BuildScript) -> QueueItem:
        """Put a task in; one that waits with the same parameters already takes it up."""
        for item in self.waiting():
            if item.task is task and list(item.parameters) == list(parameters):
                return item
        self._last += 1
        item = QueueItem(self._last, task, cause, parameters, script)
        self.items[item.number] = item
        self.look(item)
        return item

    def look(self, item: QueueItem) -> None:
        """Note one look at an item that waits; after enough of them it starts."""
        if not item.waits or self.is_held or item.is_blocked:
            return
        if item.looks > 0:
            item.looks -= 1
            return
        self.start(item)

    def start(self, item: QueueItem) -> None:
        from tests.fake_jenkins.items import Job  # noqa: PLC0415 - items know the queue through the controller

        if item.waits and isinstance(item.task, Job):
            item.build = _started(item.task, item)

    def exported_fields(self) -> Sequence[Field]:
        return QUEUE_FIELDS


def _started(job: Job, item: QueueItem) -> Build:
    build = Build(job, job.next_build_number, item.number, item.cause, item.parameters, item.script)
    job.next_build_number += 1
    job.builds.append(build)
    return build


def _visible(queue: Queue, exchange: Exchange) -> list[QueueItem]:
    return [item for item in reversed(queue.waiting()) if exchange.sees(item.task)]


QUEUE_FIELDS = (Field("discoverableItems", lambda *_: []), Field("items", _visible))
