"""Commits as people want to see them."""

from __future__ import annotations

from dataclasses import dataclass

SHORT_COMMIT = 12


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: its whole id, author, the author's e-mail address, and the message's first line."""

    id: str
    author: str
    email: str
    subject: str

    def __str__(self) -> str:
        return f"{self.id[:SHORT_COMMIT]} {self.author}: {self.subject}"
