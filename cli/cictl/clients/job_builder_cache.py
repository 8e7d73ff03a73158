"""Keeps what was rendered, with the digests of everything it was rendered from; imports nothing of the library.

An entry holds while every file that was read has the same content, every folder the same files, and what was looked for
in vain is still not there. A file whose times, size and inode are as they were is not read again, as Git does it.

What a hit needs is all that this module loads: `json`, `pathlib` and `typing` would take longer than all the rest.
Entries are written by `marshal`, for the very Python that reads them: its version is part of their keys.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
from itertools import chain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cictl.clients.job_builder_inputs import Inputs
    from cictl.core.rendered_job import RenderedJob

_FORMAT = 2
_KEPT = 16
_TICK_NANOSECONDS = 50_000_000  # clocks of file systems are this coarse at most where they are local
COARSE_TICK_NANOSECONDS = 2_000_000_000  # and this coarse anywhere
_YAML = (".yaml", ".yml")
_INSTALLED = (".dist-info", ".egg-info", ".egg-link")

Signature = list[int]
Listed = tuple[str, bool, str | None, int]


class RenderCache:
    """A folder of entries; one that cannot be read or written is as good as empty."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """FOLDER is made when the first entry is kept."""
        self._folder = folder

    def find(self, key: str) -> tuple[RenderedJob, ...] | None:
        """Return what was kept under KEY, if it still holds."""
        found = self._find(key)
        try:
            return found and _jobs(*found)
        except ValueError:  # not UTF-8: something else wrote there
            return None

    def find_text(self, key: str) -> bytes | None:
        """Return the XML of what `find` returns, one after the other; without making jobs of it."""
        found = self._find(key)
        return found and found[1]

    def _find(self, key: str) -> tuple[list[Listed], bytes] | None:
        try:
            with open(self._place(key), "rb") as file:  # noqa: PTH123 - quick
                entry = marshal.load(file)  # noqa: S302 - of a folder that is the user's alone
                body = file.read() if _holds(entry) else None
            listed = entry["jobs"]
            if body is None or len(body) != sum(length for *_, length in listed):
                return None
        except (OSError, EOFError, ValueError, KeyError, TypeError):
            return None
        return listed, body

    def keep(self, key: str, inputs: Inputs, jobs: Sequence[RenderedJob], *, began_nanoseconds: int) -> None:
        """Keep JOBS, rendered from INPUTS since then, under KEY; not if one of those was written meanwhile."""
        try:
            newest = {path: _newest(path) for path in sorted(inputs.files)}
            if max(newest.values(), default=0) > began_nanoseconds - _TICK_NANOSECONDS:
                return
            settled = began_nanoseconds - COARSE_TICK_NANOSECONDS
            entry = {
                "files": {
                    path: [signature(path) if at < settled else None, _digest(path)] for path, at in newest.items()
                },
                "folders": {path: _listing(path) for path in sorted(inputs.folders)},
                "absent": sorted(inputs.absent),
                "jobs": [[job.full_name, job.is_view, job.source, len(job.xml.encode())] for job in jobs],
            }
            self._write(key, [marshal.dumps(entry)], jobs)
            self._prune()
        except OSError:
            return

    def _write(self, key: str, header: Iterable[bytes], jobs: Iterable[RenderedJob]) -> None:
        from pathlib import Path  # noqa: PLC0415 - reading needs none

        from cictl.clients.whole_file import write_whole  # noqa: PLC0415 - as above

        os.makedirs(self._folder, mode=0o700, exist_ok=True)  # noqa: PTH103 - as above
        write_whole(Path(self._place(key)), chain(header, (job.xml.encode() for job in jobs)), is_private=True)

    def _prune(self) -> None:
        with os.scandir(self._folder) as found:
            entries = sorted(found, key=lambda entry: entry.stat().st_mtime_ns, reverse=True)
        for entry in entries[_KEPT:]:
            os.unlink(entry.path)  # noqa: PTH108 - as above

    def _place(self, key: str) -> str:
        return os.path.join(self._folder, key)  # noqa: PTH118 - quick


def key_of(*parts: object) -> str:
    """Return the key of what is rendered from PARTS (text, numbers, lists) by this program, in this environment."""
    everything = [_FORMAT, sys.version, os.getcwd(), os.environ.get("HOME"), _installed(), _program(), *parts]  # noqa: PTH109 - quick
    return hashlib.sha256(repr(everything).encode(errors="surrogatepass")).hexdigest()


def _holds(entry: dict[str, dict[str, list[object]]]) -> bool:
    return (
        all(_is_same(path, *known) for path, known in entry["files"].items())
        and all(_listing(path) == known for path, known in entry["folders"].items())
        and not any(map(os.path.lexists, entry["absent"]))
    )


def _is_same(path: str, known: object, digest: object) -> bool:
    return (known is not None and signature(path) == known) or _digest(path) == digest


def signature(path: str) -> Signature:
    """Return what changes when the file at PATH is written anew: inode, size in bytes, two times in nanoseconds."""
    found = os.stat(path)  # noqa: PTH116 - quick
    return [found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _newest(path: str) -> int:
    return max(signature(path)[2:])


def _digest(path: str) -> str:
    with open(path, "rb") as file:  # noqa: PTH123 - quick
        return hashlib.sha256(file.read()).hexdigest()


def _listing(path: str) -> list[str]:
    """Return the folders and YAML files right in PATH."""
    with os.scandir(path) as found:
        return sorted(entry.name for entry in found if entry.name.endswith(_YAML) or entry.is_dir())


def _jobs(listed: Sequence[Listed], body: bytes) -> tuple[RenderedJob, ...]:
    from cictl.core.rendered_job import RenderedJob  # noqa: PLC0415 - the text alone needs none

    jobs, at = [], 0
    for name, is_view, source, length in listed:
        jobs.append(RenderedJob(name, body[at : at + length].decode(), is_view, source))
        at += length
    return tuple(jobs)


def _installed() -> list[str]:
    """Return the distributions on the path with their versions, which stand in the names of their folders."""
    folders = [path for path in sys.path if os.path.isdir(path)]  # noqa: PTH112 - quick
    return [name for folder in folders for name in sorted(os.listdir(folder)) if name.endswith(_INSTALLED)]  # noqa: PTH208 - quick


def _program() -> list[Signature]:
    """Return what changes when a part of the renderer is written anew."""
    with os.scandir(os.path.dirname(__file__)) as found:  # noqa: PTH120 - quick
        parts = sorted((each.name, each.stat()) for each in found if each.name.startswith("job_builder"))
    return [[stat.st_size, stat.st_mtime_ns] for _, stat in parts]
