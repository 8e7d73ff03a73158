"""What is kept of our last writes, as text: for each job what was sent, what Jenkins made of it, what is under way.

Digests answer for nearly all jobs of nearly all plans, so the texts stay compressed until somebody asks for one.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from cictl.core.job_changes import changes
from cictl.core.job_graft import graft
from cictl.core.job_marks import owner_of
from cictl.core.job_plan import ItemKey
from cictl.core.job_three_way import Base
from cictl.core.job_veil import veiled
from cictl.core.job_xml import MalformedConfig, parse_config, serialise

VERSION = 1
_VIEW, _JOB = "view", "job"
_DIGEST_BYTES = 12
_LARGEST_TEXT = 64 * 1024 * 1024
Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that may have been done: what Git said (RENDERED), what was SENT, and which fields were KEPT."""

    rendered: str
    sent: str
    kept: tuple[Steps, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one job; SENT and SAVED are digests of the texts of its base, PENDING a write under way."""

    sent: str = ""
    saved: str = ""
    texts: str = ""
    pending: str = ""

    @property
    def base(self) -> Base | None:
        """The last write that is known to be whole; None if there is none."""
        if not self.texts:
            return None
        sent, saved = _unpacked(self.texts)
        return Base(veiled(sent), veiled(saved))  # an older cictl may have left more readable

    @property
    def intent(self) -> Intent | None:
        """The write under way."""
        if not self.pending:
            return None
        rendered, sent, kept = _unpacked(self.pending)
        return Intent(veiled(rendered), veiled(sent), tuple(tuple(steps) for steps in kept))

    @property
    def last(self) -> Base | None:
        """The last write, or the one under way where there is no whole one."""
        if (base := self.base) is not None:
            return base
        return Base(intent.rendered, intent.sent) if (intent := self.intent) is not None else None

    def expecting(self, intent: Intent) -> Record:
        """Return this record with INTENT under way."""
        kept = [list(steps) for steps in intent.kept]
        return replace(self, pending=_packed([veiled(intent.rendered), veiled(intent.sent), kept]))


def record_of(base: Base) -> Record:
    """Return the record of a whole write."""
    sent, saved = veiled(base.sent), veiled(base.saved)
    return Record(digest(sent), digest(saved), _packed([sent, saved]))


def base_for(record: Record, *, desired: str | None, live: str | None) -> Base | None:
    """Return our last write of a job that is DESIRED so, and LIVE so (both veiled), as RECORD and LIVE tell it."""
    if record.pending and live is not None:
        return _judged(record, live)
    if desired is not None and live is not None and (digest(desired), digest(live)) == (record.sent, record.saved):
        return Base(desired, live)
    return record.base


def written_base(
    rendered: str, saved: str, *, old: Base | None, kept: tuple[Steps, ...], gone: tuple[Steps, ...] = ()
) -> Base:
    """Return the base after a write: SAVED is what Jenkins made of it.

    Fields that only Jenkins had moved and that the write KEPT stay moved: their base is the OLD one. What Jenkins
    dropped is GONE from what was sent: Git still asks for it.
    """
    sent = serialise(graft(parse_config(rendered), parse_config(saved), gone)) if gone else rendered
    if not kept or old is None:
        return Base(sent, saved)
    return Base(sent, serialise(graft(parse_config(saved), parse_config(old.saved), kept)))


def owner_on_record(base: Base | None) -> str | None:
    """Return whose mark BASE, our last write of a job, bears."""
    return owner_of(parse_config(base.saved).text_of("description")) if base is not None else None


def digest(text: str) -> str:
    """Return a number that tells TEXT from any other."""
    return blake2b(text.encode(errors="surrogatepass"), digest_size=_DIGEST_BYTES).hexdigest()


def shard_text(records: Mapping[ItemKey, Record]) -> str:
    """Return RECORDS as text without `*/`, so that it can stand in a comment."""
    jobs = {_name(key): [each.sent, each.saved, each.texts, each.pending] for key, each in records.items()}
    return json.dumps({"version": VERSION, "jobs": jobs}, separators=(",", ":")).replace("*/", "*\\/")


def read_shard(text: str) -> dict[ItemKey, Record]:
    """Return the records that shard_text wrote; raises ValueError for another text or a newer version."""
    document = json.loads(text)
    if not isinstance(document, dict) or not isinstance(document.get("jobs"), dict):
        raise ValueError("it holds no records")  # noqa: TRY004 - the text is wrong, not the program
    if document.get("version") != VERSION:
        raise ValueError(f"it is of version {document.get('version')}, and this cictl knows {VERSION}")
    return dict(_read_record(name, value) for name, value in document["jobs"].items())


def text_size(record: Record) -> int:
    """Return about how many characters RECORD takes in a shard."""
    return len(record.texts) + len(record.pending) + 160


def _judged(record: Record, live: str) -> Base | None:
    """Return the base of a job whose last write may or may not have been done: LIVE tells, as the nearer of two."""
    intent, old = record.intent, record.base
    if intent is None:
        return old
    try:
        there = parse_config(live)
        since_intent = len(changes(parse_config(intent.sent), there))
        since_old = len(changes(parse_config(old.saved), there)) if old else None
    except MalformedConfig:
        return old
    if since_old is not None and since_old < since_intent:
        return old
    return written_base(intent.rendered, intent.sent if since_intent else live, old=old, kept=intent.kept)


def _name(key: ItemKey) -> str:
    return f"{_VIEW if key.is_view else _JOB}:{key.full_name}"


def _read_record(name: str, value: Any) -> tuple[ItemKey, Record]:  # noqa: ANN401 - JSON
    kind, colon, full_name = name.partition(":")
    is_right = isinstance(value, list) and len(value) == 4 and all(isinstance(each, str) for each in value)  # noqa: PLR2004
    if not (colon and kind in {_VIEW, _JOB} and is_right):
        raise ValueError(f"the record {name!r} cannot be read")
    return ItemKey(full_name, kind == _VIEW), Record(*value)


def _packed(value: object) -> str:
    return b64encode(zlib.compress(json.dumps(value).encode(), 6)).decode()


def _unpacked(text: str) -> Any:  # noqa: ANN401 - JSON
    """Return what _packed made TEXT of; raises ValueError."""
    try:
        return json.loads(zlib.decompressobj().decompress(b64decode(text), _LARGEST_TEXT))
    except zlib.error as error:
        raise ValueError(f"a record cannot be unpacked: {error}") from error
