"""A post-receive hook in a repository: whose it is, and what a look there finds."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

_MARK = "# cictl push trigger 1 sha256:"


class Hook(StrEnum):
    """Whose post-receive hook it is."""

    ABSENT = "absent"
    OURS = "ours"
    EDITED = "edited"  # ours, changed by hand
    FOREIGN = "foreign"


class Chained(StrEnum):
    """The hook that was there before, kept aside: SAME where it is also still in place."""

    ABSENT = "absent"
    SAME = "same"
    PRESENT = "present"


class Token(StrEnum):
    """The token's file, compared with the token that was given; PRESENT where none was."""

    ABSENT = "absent"
    SAME = "same"
    OTHER = "other"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class SeenHook:
    """What a look at one repository found; `text` is that of a hook of ours, None of any other."""

    repository: str
    hook: Hook = Hook.ABSENT
    text: str | None = None
    is_executable: bool = False
    chained: Chained = Chained.ABSENT
    token: Token = Token.ABSENT
    is_token_open: bool = False
    has_curl: bool = True
    is_writable: bool = True
    is_strangers: bool = False
    log: tuple[str, ...] = ()

    @property
    def is_foreign(self) -> bool:
        """Whether somebody else's hook is there."""
        return self.hook is Hook.FOREIGN

    @property
    def runs_pipelines(self) -> bool:
        """Whether a hook of ours is there that runs pipelines by itself."""
        return "runs" in installed_settings(self.text or "")


def signed(text: str) -> str:
    """Return the shell script TEXT under a digest by which edits are seen."""
    return f"#!/bin/sh\n{_MARK}{_digest(text)}\n{text}"


def whose(text: str) -> Hook:
    """Return whose a hook with our mark is: ours, or edited since."""
    _, mark, rest = (*text.split("\n", 2), "", "")[:3]
    return Hook.OURS if mark == f"{_MARK}{_digest(rest)}" else Hook.EDITED


def installed_settings(text: str) -> dict[str, str]:
    """Return what a hook of ours does: it calls `jenkins` with `repository`, or it `runs` into that folder."""
    return dict(re.findall(r"^# (jenkins|repository|runs): (.*)$", text, flags=re.MULTILINE))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
