"""Keeps which command line printed which kept rendering, so that the same line need not be understood again.

A line is kept with its words, working directory and the variables that concern it; it holds while the files that it
named beside the tree are as they were, and for as long as the rendering itself does.
"""

from __future__ import annotations

import marshal
import os
import time

from cictl.clients.job_builder_cache import COARSE_TICK_NANOSECONDS, RenderCache, key_of, signature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from cictl.clients.job_builder_cache import Signature

_VARIABLES = ("CICTL_", "JJB_", "XDG_", "_CICTL_")
_KEPT = 64


class RenderedLine:
    """A command line in its environment; one that cannot be read or written is as good as never kept."""

    def __init__(self, folder: str | os.PathLike[str], words: Sequence[str], environ: Mapping[str, str]) -> None:
        """FOLDER holds the RenderCache in `jobs`; to be made before anything is rendered, which extends `sys.path`."""
        self._renderings = RenderCache(os.path.join(folder, "jobs"))  # noqa: PTH118 - quick
        variables = sorted((name, value) for name, value in environ.items() if name.startswith(_VARIABLES))
        self._file = os.path.join(folder, "lines", key_of("line", list(words), variables))  # noqa: PTH118 - quick

    def find(self) -> bytes | None:
        """Return what the line printed, if it would print the same now."""
        try:
            with open(self._file, "rb") as file:  # noqa: PTH123 - quick
                line = marshal.load(file)  # noqa: S302 - of a folder that is the user's alone
            if any(_state(path) != known for path, known in line["beside"].items()):
                return None
            return self._renderings.find_text(line["rendering"])
        except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def keep(self, rendering: str, beside: Iterable[Path]) -> None:
        """Keep that it printed RENDERING, a key of the cache; not if a file BESIDE the tree was written just now."""
        try:
            states = {str(path): _state(str(path)) for path in beside}
            settled = time.time_ns() - COARSE_TICK_NANOSECONDS
            if all(state is None or max(state[2:]) < settled for state in states.values()):
                self._write({"rendering": rendering, "beside": states})
        except OSError:
            return

    def _write(self, line: dict[str, object]) -> None:
        from pathlib import Path  # noqa: PLC0415 - reading needs none

        from cictl.clients.whole_file import write_whole  # noqa: PLC0415 - as above

        file = Path(self._file)
        folder = file.parent
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(file, marshal.dumps(line), is_private=True)
        kept = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in kept[_KEPT:]:
            path.unlink(missing_ok=True)


def _state(path: str) -> Signature | None:
    return signature(path) if os.path.lexists(path) else None
