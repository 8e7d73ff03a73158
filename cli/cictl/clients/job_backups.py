"""Backups of jobs on this machine, each a folder of its owner alone, laid out as Jenkins' own home; it sends nothing.

What is kept is on the disk, not in a cache of it, before `keep` returns: a deletion may follow.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cictl.clients.whole_file import write_whole
from cictl.core.jenkins_items import joined
from cictl.core.job_backup import BackupSummary
from cictl.core.job_plan import ItemKey
from cictl.core.job_restore import SavedItem
from cictl.core.spelling import suggestion
from cictl.errors import CictlError, ConfigInvalid, NotAllowed, NotFound
from cictl.user_folders import state_folder

_PRIVATE_FOLDER = 0o700
_ABOUT, _CONFIG, _NUMBER = "backup.json", "config.xml", "nextBuildNumber"
_JOBS, _VIEWS = "jobs", "views"
_API_VERSION, _KIND = "cictl.dev/v1", "JobsBackup"
_NAME_FORMAT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class JobBackups:
    """The backups of the Jenkins at URL below FOLDER, which need not exist."""

    folder: Path
    url: str

    @classmethod
    def of(cls, environ: Mapping[str, str], url: str, folder: Path | None = None) -> JobBackups:
        """Return those below FOLDER, by default the user's own, below XDG_STATE_HOME."""
        return cls((folder or state_folder(environ) / "backups").absolute() / _host_folder(url), url)

    def begin(self, *, at: float, why: str) -> JobBackup:
        """Make a new backup, called after the time AT (seconds since the epoch); WHY is what it is made for."""
        about = {"apiVersion": _API_VERSION, "kind": _KIND, "url": self.url, "madeAt": at, "why": why}
        name = time.strftime(_NAME_FORMAT, time.gmtime(at))
        try:
            _make_private(self.folder)
            place = _make_new(self.folder, name)
            _write(place / _ABOUT, json.dumps(about, indent=2) + "\n")
            for each in (place, self.folder, self.folder.parent):
                _sync_folder(each)
        except OSError as error:
            raise _unwritable(self.folder, error) from error
        return JobBackup(place)

    def summaries(self) -> tuple[BackupSummary, ...]:
        """Return the backups that are there, the newest first; folders that are none are left out."""
        places = [path for path in self.folder.iterdir() if path.is_dir()] if self.folder.is_dir() else []
        found = (_summary(place) for place in places)
        return tuple(sorted((each for each in found if each), key=lambda each: (each.made_at, each.name), reverse=True))

    def find(self, name: str) -> BackupSummary:
        """Return the backup called NAME, or in the folder NAME; NotFound where there is none."""
        place = Path(name) if os.sep in name else self.folder / name
        found = _summary(place.absolute())
        if found is not None:
            return found
        names = [each.name for each in self.summaries()]
        hint = suggestion(name, names) if names else "'cictl jobs restore' lists what there is"
        raise NotFound(f"there is no backup {name} in {self.folder}", hint=hint)

    def items(self, summary: BackupSummary) -> tuple[SavedItem, ...]:
        """Return what SUMMARY's backup holds."""
        try:
            return tuple(_saved(key, place) for key, place in _walk(Path(summary.place), ""))
        except (OSError, UnicodeDecodeError, ValueError) as error:
            raise ConfigInvalid(f"the backup in {summary.place} cannot be read: {error}", hint=_HINT) from error


@dataclass(frozen=True, slots=True)
class JobBackup:
    """One backup that is being made, in the folder PLACE."""

    place: Path

    def keep(self, item: SavedItem) -> None:
        """Have ITEM on the disk before this returns."""
        place = self._place_of(item.key)
        try:
            _make_private(place)
            if item.next_build_number is not None:
                _write(place / _NUMBER, f"{item.next_build_number}\n")
            # The last to be there: without it the item does not count as kept.
            _write(place / _CONFIG, item.xml)
            for folder in (place, *place.parents):
                _sync_folder(folder)
                if folder == self.place:
                    break
        except OSError as error:
            raise _unwritable(self.place, error) from error

    def _place_of(self, key: ItemKey) -> Path:
        *folders, name = key.full_name.split("/")
        if any(part in {"", ".", ".."} or "\0" in part or "\\" in part for part in (*folders, name)):
            raise ConfigInvalid(f"{key.full_name!r} cannot be the name of a file", hint="save and delete it in Jenkins")
        place = self.place
        for part in folders:
            place = place / _JOBS / part
        return place / (_VIEWS if key.is_view else _JOBS) / name


_HINT = "it may have been made by hand, or by a newer cictl"


def _host_folder(url: str) -> str:
    parts = urlsplit(url)
    return (parts.netloc.rpartition("@")[2] + parts.path.rstrip("/")).replace("/", "_") or "jenkins"


def _summary(place: Path) -> BackupSummary | None:
    try:
        about: Any = json.loads((place / _ABOUT).read_text(encoding="utf-8"))
        if (about["apiVersion"], about["kind"]) != (_API_VERSION, _KIND):
            return None
        keys = tuple(key for key, _ in _walk(place, ""))
        return BackupSummary(
            place.name, str(place), str(about["url"]), float(about["madeAt"]), str(about.get("why", "")), keys
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _walk(place: Path, folder: str) -> Iterator[tuple[ItemKey, Path]]:
    """Yield each item below PLACE with its own folder, the outermost first."""
    for kind in (_JOBS, _VIEWS):
        inside = place / kind
        for each in sorted(inside.iterdir()) if inside.is_dir() else ():
            key = ItemKey(joined(folder, each.name), is_view=kind == _VIEWS)
            if (each / _CONFIG).is_file():
                yield key, each
            if not key.is_view:
                yield from _walk(each, key.full_name)


def _saved(key: ItemKey, place: Path) -> SavedItem:
    number = place / _NUMBER
    return SavedItem(
        key,
        (place / _CONFIG).read_bytes().decode("utf-8"),
        int(number.read_text(encoding="utf-8")) if number.is_file() else None,
    )


def _make_private(folder: Path) -> None:
    for each in (*reversed(folder.parents), folder):
        if not each.is_dir():
            each.mkdir(exist_ok=True, mode=_PRIVATE_FOLDER)


def _make_new(folder: Path, name: str) -> Path:
    for count in range(1, 1000):
        place = folder / (name if count == 1 else f"{name}-{count}")
        try:
            place.mkdir(mode=_PRIVATE_FOLDER)
        except FileExistsError:
            continue
        return place
    raise FileExistsError(17, "a thousand backups of one second are there")


def _write(path: Path, text: str) -> None:
    write_whole(path, text.encode(errors="surrogatepass"), is_private=True, is_synced=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(folder: Path, error: OSError) -> CictlError:
    message = f"no backup can be written to {folder}: {error.strerror}"
    return NotAllowed(
        message, hint="name a folder with --backup-dir that can be written; nothing goes without a backup"
    )
