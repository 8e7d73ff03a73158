"""Commits as people want to see them.

A release names the commit that its image was built from; where files differed from it, `-dirty` comes after it, as in
the image's tag. A cictl that knows no such mark finds no commit of that name, and so promotes nothing of it either.
"""

from __future__ import annotations

from dataclasses import dataclass

SHORT_COMMIT = 12
_DIRTY = "-dirty"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: its whole id, author, the author's e-mail address, and the message's first line."""

    id: str
    author: str
    email: str
    subject: str

    def __str__(self) -> str:
        return f"{self.id[:SHORT_COMMIT]} {self.author}: {self.subject}"


def built_from(commit: str, *, is_dirty: bool) -> str:
    """Return what a release keeps of the COMMIT that its image was built from."""
    return f"{commit}{_DIRTY}" if is_dirty else commit


def is_dirty(kept: str | None) -> bool:
    """Whether files of the image differed from the commit that is KEPT."""
    return kept is not None and kept.endswith(_DIRTY)


def committed(kept: str) -> str:
    """Return the commit itself of what is KEPT."""
    return kept.removesuffix(_DIRTY)


def short_commit(kept: str) -> str:
    """Return what is KEPT, as short as people want it, and with its mark."""
    return built_from(committed(kept)[:SHORT_COMMIT], is_dirty=is_dirty(kept))
