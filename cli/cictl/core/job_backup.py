"""What a backup of jobs is called, where it is and what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cictl.core.job_plan import ItemKey


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """One backup: NAME is its folder's, PLACE the whole path, URL the Jenkins it is of, MADE_AT seconds."""

    name: str
    place: str
    url: str
    made_at: float
    why: str
    keys: tuple[ItemKey, ...]
