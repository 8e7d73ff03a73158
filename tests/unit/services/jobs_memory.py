"""A Jenkins in memory, for the services that look after jobs: documents, activity, what is lost on the way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager

from cictl.core.jenkins_items import Item
from cictl.core.job_activity import Activity
from cictl.core.job_marks import put_mark
from cictl.core.job_names import parent_of
from cictl.core.job_plan import ItemKey
from cictl.core.job_prune import Found
from cictl.core.job_records import Intent
from cictl.core.job_restore import SavedItem
from cictl.core.job_three_way import Base
from cictl.errors import AnswerLost, CictlError

OWNER = "shop"


def config(rest: str = "", *, owner: str | None = OWNER) -> str:
    text = put_mark("Made.", owner) if owner else "Made."
    return f"<flow-definition><description>{text.replace('<', '&lt;')}</description>{rest}</flow-definition>"


class Memory:
    """Jobs by name; it is inventory, items, records, lock and backup in one. `told` is what was asked of it, in order.

    `slow` is how many more times a deleted job is still seen; `loses` names what answers are lost of.
    """

    def __init__(self, *names: str) -> None:
        self.jobs = {name: config() for name in names}
        self.kept: dict[ItemKey, Base] = {ItemKey(name): Base(config(), config()) for name in names}
        self.saved: list[SavedItem] = []
        self.told: list[str] = []
        self.busy: dict[str, Activity] = {}
        self.loses: set[str] = set()
        self.slow: dict[str, int] = {}
        self.record_error: CictlError | None = None
        self.lock_error: CictlError | None = None

    # -- inventory

    def found(self, folder: str = "") -> tuple[Found, ...]:
        return tuple(each for each in map(self._found, self.jobs) if each.key.full_name.startswith(folder))

    def listed(self, folders: Iterable[str]) -> tuple[Found, ...]:
        wanted = set(folders)
        return tuple(each for each in self.found() if parent_of(each.key.full_name) in wanted)

    def inside(self, folder: str) -> tuple[str, ...]:
        return tuple(name for name in self.jobs if parent_of(name) == folder)

    def activity(self, full_name: str) -> Activity:
        return self.busy.get(full_name, Activity())

    def _found(self, name: str) -> Found:
        return Found(ItemKey(name), OWNER if OWNER in self.jobs[name] else None)

    # -- items

    def item(self, full_name: str) -> Item | None:
        return Item(full_name, "") if full_name in self.jobs else None

    def config_xml(self, full_name: str) -> str | None:
        if (left := self.slow.get(full_name, 0)) and full_name not in self.jobs:
            self.slow[full_name] = left - 1
            return config()
        return self.jobs.get(full_name)

    def view_xml(self, full_name: str) -> str | None:
        raise NotImplementedError(full_name)

    def next_build_number(self, full_name: str) -> int | None:
        return 7 if full_name in self.jobs else None

    def set_next_build_number(self, full_name: str, number: int) -> None:
        self.told.append(f"number {full_name} {number}")

    def create(self, full_name: str, xml: str) -> None:
        self.jobs[full_name] = xml
        self._lose("create", full_name)

    def create_view(self, full_name: str, xml: str) -> None:
        raise NotImplementedError(full_name, xml)

    def update(self, full_name: str, xml: str) -> None:
        self.jobs[full_name] = xml
        self._lose("update", full_name)

    def update_view(self, full_name: str, xml: str) -> None:
        raise NotImplementedError(full_name, xml)

    def describe(self, full_name: str, description: str) -> None:
        start, end = "<description>", "</description>"
        old = self.jobs[full_name]
        head, _, rest = old.partition(start)
        text = description.replace("<", "&lt;")
        self.jobs[full_name] = f"{head}{start}{text}{end}{rest.partition(end)[2]}"
        self._lose("describe", full_name)

    def describe_view(self, full_name: str, description: str) -> None:
        raise NotImplementedError(full_name, description)

    def delete(self, full_name: str) -> bool:
        there = self.jobs.pop(full_name, None) is not None
        self._lose("delete", full_name)
        return there

    def delete_view(self, full_name: str) -> bool:
        raise NotImplementedError(full_name)

    def _lose(self, what: str, full_name: str) -> None:
        self.told.append(f"{what} {full_name}")
        if what in self.loses:
            raise AnswerLost("lost")

    # -- records

    def reload(self) -> None:
        self.told.append("reload")

    def bases(self) -> Mapping[ItemKey, Base]:
        return self.kept

    def expect(self, intents: Mapping[ItemKey, Intent]) -> None:
        self.told.append(f"expect {len(intents)}")

    def keep(self, bases: Mapping[ItemKey, Base]) -> None:
        if self.record_error:
            raise self.record_error
        self.kept.update(bases)

    def forget(self, keys: Collection[ItemKey]) -> None:
        if self.record_error:
            raise self.record_error
        for key in keys:
            del self.kept[key]

    # -- lock

    @contextmanager
    def lock(self) -> Iterator[Memory]:
        self.told.append("lock")
        yield self
        self.told.append("unlock")

    def check(self) -> None:
        if self.lock_error:
            raise self.lock_error

    def renew(self) -> None:
        self.check()


class MemoryBackup:
    """A backup that tells the memory what it keeps."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def keep(self, item: SavedItem) -> None:
        self.memory.told.append(f"keep {item.key.full_name}")
        self.memory.saved.append(item)
