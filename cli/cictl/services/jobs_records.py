"""Reads and writes what is kept of our last writes: in jobs of Jenkins itself, so that all see the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from cictl.core.job_keeping import admin_folder, kept_text, shard_name, shard_number, shard_xml
from cictl.core.job_plan import ItemKey
from cictl.core.job_records import Intent, Record, read_shard, record_of, shard_text, text_size
from cictl.core.job_three_way import Base
from cictl.core.job_xml import MalformedConfig
from cictl.errors import AnswerLost, Conflict

_AT_ONCE = 4
_ATTEMPTS = 3
LARGEST_SHARD = 400_000  # characters: with a write of each job under way it doubles, and nginx takes 1 MiB by default


class Items(Protocol):
    """The jobs of one Jenkins."""

    def config_xml(self, full_name: str) -> str | None:
        """Return a job's config.xml."""

    def create(self, full_name: str, xml: str) -> None:
        """Create a job."""

    def update(self, full_name: str, xml: str) -> None:
        """Replace a job's config.xml."""


class Inventory(Protocol):
    """What is in Jenkins."""

    def inside(self, folder: str) -> tuple[str, ...]:
        """Return what is directly in FOLDER."""


@dataclass(slots=True)
class JobRecords:
    """The records of the team's FOLDER; they are written under the lock alone. TELL says what is wrong with them."""

    items: Items
    inventory: Inventory
    folder: str
    tell: Callable[[str], None] = lambda _: None
    _shards: dict[int, dict[ItemKey, Record]] | None = field(default=None, init=False)
    _there: set[str] = field(default_factory=set, init=False)

    def reload(self) -> None:
        """Read them anew when they are next asked for: another run may have written."""
        self._shards = None

    def records(self) -> Mapping[ItemKey, Record]:
        """Return all records."""
        return {key: record for _, shard in sorted(self._loaded().items()) for key, record in shard.items()}

    def bases(self) -> Mapping[ItemKey, Base]:
        """Return the last write of each job; of one that is under way, what it was to be."""
        return _Bases(self.records())

    def expect(self, intents: Mapping[ItemKey, Intent]) -> None:
        """Have on record that INTENTS are about to be sent."""
        known = self.records()
        self._put({key: known.get(key, Record()).expecting(intent) for key, intent in intents.items()})

    def keep(self, bases: Mapping[ItemKey, Base]) -> None:
        """Keep BASES, which are done, beside the others."""
        self._put({key: record_of(base) for key, base in bases.items()})

    def forget(self, keys: Collection[ItemKey]) -> None:
        """Keep nothing of KEYS any more."""
        for number, shard in self._loaded().items():
            if gone := shard.keys() & set(keys):
                for key in gone:
                    del shard[key]
                self._write(number)

    def _loaded(self) -> dict[int, dict[ItemKey, Record]]:
        if self._shards is None:
            inside = self.inventory.inside(admin_folder(self.folder))
            numbers = [number for each in inside if (number := shard_number(each)) is not None]
            self._there = {shard_name(self.folder, number) for number in numbers}
            with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
                found = list(pool.map(self._read, numbers))
            self._shards = dict(zip(numbers, found, strict=True))
        return self._shards

    def _read(self, number: int) -> dict[ItemKey, Record]:
        """Return what a job keeps; what is none of ours is an error, since a write would lose what it really holds."""
        name = shard_name(self.folder, number)
        try:
            text = kept_text(self.items.config_xml(name) or "")
        except (MalformedConfig, ValueError) as error:
            hint = "try again; if it is damaged, delete it in Jenkins: then nobody knows who moved what since"
            raise Conflict(f"{name} holds no records of cictl: {error}", hint=hint) from error
        try:
            return read_shard(text)
        except ValueError as error:
            if "version" in str(error):
                raise Conflict(f"{name} cannot be read: {error}", hint="a newer cictl wrote it: use that") from error
            self.tell(f"{name} is damaged, so its jobs have no record of the last write: {error}")
        return {}

    def _put(self, records: Mapping[ItemKey, Record]) -> None:
        shards = self._loaded()
        homes = {key: number for number, shard in shards.items() for key in shard}
        sizes = {number: sum(map(text_size, shard.values())) for number, shard in shards.items()}
        dirty: set[int] = set()
        for key, record in records.items():
            number = homes.get(key) or _with_room(sizes)
            sizes[number] = sizes.get(number, 0) + text_size(record)
            shards.setdefault(number, {})[key] = record
            dirty.add(number)
        for number in sorted(dirty):
            self._write(number)

    def _write(self, number: int) -> None:
        name, xml = shard_name(self.folder, number), shard_xml(shard_text(self._loaded()[number]))
        lost: AnswerLost | None = None
        for _ in range(_ATTEMPTS):
            try:
                self._sent(name, xml, was_lost=lost is not None)
            except AnswerLost as error:
                lost = error
            else:
                return
        if lost is not None:
            raise lost

    def _sent(self, name: str, xml: str, *, was_lost: bool) -> None:
        """Write the job called NAME; doing it twice is harmless, since only the holder of the lock does it."""
        if name in self._there:
            self.items.update(name, xml)
            return
        try:
            self.items.create(name, xml)
        except Conflict as error:
            if not was_lost:
                hint = "run it again; if that helps nothing, its user may not see that job"
                raise Conflict(f"{name} is there, and was not a moment ago", hint=hint) from error
            self.items.update(name, xml)
        self._there.add(name)


class _Bases(Mapping[ItemKey, Base]):
    """Bases that are unpacked when one is asked for."""

    def __init__(self, records: Mapping[ItemKey, Record]) -> None:
        self._records = records

    def __getitem__(self, key: ItemKey) -> Base:
        if (last := self._records[key].last) is not None:
            return last
        raise KeyError(key)

    def __iter__(self) -> Iterator[ItemKey]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)


def _with_room(sizes: Mapping[int, int]) -> int:
    """Return the last shard, or a new one where that is full."""
    last = max(sizes, default=1)
    return last if sizes.get(last, 0) < LARGEST_SHARD else last + 1
