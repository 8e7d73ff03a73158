"""Jobs of a Jenkins in memory, for services that write some: names are taken once, answers get lost when told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
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
from cictl.errors import AnswerLost, CictlError, Conflict, NotFound

OWNER = "shop"


def config(rest: str = "", *, owner: str | None = OWNER) -> str:
    text = put_mark("Made.", owner) if owner else "Made."
    return f"<flow-definition><description>{text.replace('<', '&lt;')}</description>{rest}</flow-definition>"


class JobsInMemory:
    """Full names and config.xml; `asked` is what was asked, `before` runs before each request.

    `lost` are requests ("create a") that are acted upon, and whose answer is lost once.
    """

    def __init__(self, jobs: dict[str, str] | None = None) -> None:
        self.jobs = dict(jobs or {})
        self.views: dict[str, str] = {}
        self.asked: list[str] = []
        self.lost: set[str] = set()
        self.before: Callable[[str], None] = lambda _: None

    def inside(self, folder: str) -> tuple[str, ...]:
        return tuple(name for name in self.jobs if parent_of(name) == folder)

    def config_xml(self, full_name: str) -> str | None:
        self._ask(f"read {full_name}")
        return self.jobs.get(full_name)

    def view_xml(self, full_name: str) -> str | None:
        return self.views.get(full_name)

    def create(self, full_name: str, xml: str) -> None:
        self._ask(f"create {full_name}")
        if full_name in self.jobs:
            raise Conflict(f"{full_name} already exists")
        self.jobs[full_name] = xml
        self._lose(f"create {full_name}")

    def update(self, full_name: str, xml: str) -> None:
        self._ask(f"update {full_name}")
        self.jobs[full_name] = xml
        self._lose(f"update {full_name}")

    def describe(self, full_name: str, description: str) -> None:
        start, end = "<description>", "</description>"
        self._ask(f"describe {full_name}")
        if full_name not in self.jobs:
            raise NotFound(f"{full_name} is not there")
        head, is_there, rest = self.jobs[full_name].partition(start)
        if is_there:
            text = description.replace("<", "&lt;")
            self.jobs[full_name] = f"{head}{start}{text}{end}{rest.partition(end)[2]}"
        self._lose(f"describe {full_name}")

    def delete(self, full_name: str) -> bool:
        self._ask(f"delete {full_name}")
        there = self.jobs.pop(full_name, None) is not None
        self._lose(f"delete {full_name}")
        return there

    def create_view(self, full_name: str, xml: str) -> None:
        self.views[full_name] = xml

    def update_view(self, full_name: str, xml: str) -> None:
        self.views[full_name] = xml

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        self.before(what)

    def _lose(self, what: str) -> None:
        if what in self.lost:
            self.lost.discard(what)
            raise AnswerLost(f"{what}: the answer was lost")


class Memory(JobsInMemory):
    """A Jenkins for the services that look after jobs: inventory, items, records and lock in one.

    `told` is what was asked of it beside reading, `slow` how many more times a deleted job is still seen.
    """

    def __init__(self, *names: str) -> None:
        super().__init__({name: config() for name in names})
        self.kept: dict[ItemKey, Base] = {ItemKey(name): Base(config(), config()) for name in names}
        self.saved: list[SavedItem] = []
        self.busy: dict[str, Activity] = {}
        self.slow: dict[str, int] = {}
        self.record_error: CictlError | None = None
        self.lock_error: CictlError | None = None

    @property
    def told(self) -> list[str]:
        return [each for each in self.asked if not each.startswith("read ")]

    # -- inventory

    def found(self, folder: str = "") -> tuple[Found, ...]:
        return tuple(each for each in map(self._found, self.jobs) if each.key.full_name.startswith(folder))

    def listed(self, folders: Iterable[str]) -> tuple[Found, ...]:
        wanted = set(folders)
        return tuple(each for each in self.found() if parent_of(each.key.full_name) in wanted)

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
        return super().config_xml(full_name)

    def next_build_number(self, full_name: str) -> int | None:
        return 7 if full_name in self.jobs else None

    def set_next_build_number(self, full_name: str, number: int) -> None:
        self.asked.append(f"number {full_name} {number}")

    def describe_view(self, full_name: str, description: str) -> None:
        raise NotImplementedError(full_name, description)

    def delete_view(self, full_name: str) -> bool:
        raise NotImplementedError(full_name)

    # -- records

    def reload(self) -> None:
        self.asked.append("reload")

    def bases(self) -> Mapping[ItemKey, Base]:
        return self.kept

    def expect(self, intents: Mapping[ItemKey, Intent]) -> None:
        self.asked.append(f"expect {len(intents)}")

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
        self.asked.append("lock")
        yield self
        self.asked.append("unlock")

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
        self.memory.asked.append(f"keep {item.key.full_name}")
        self.memory.saved.append(item)
