"""The backups that there are, what one would bring back, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cictl.core.job_prune import listed
from cictl.output import Document

if TYPE_CHECKING:
    from cictl.core.job_backup import BackupSummary
    from cictl.core.job_restore import Restoration
    from cictl.services.jobs_restore import RestorePlan


def backups_document(backups: Sequence[BackupSummary], folder: str) -> Document:
    """Return what can be restored from FOLDER, the newest first."""
    rows = tuple(
        (each.name, f"{datetime.fromtimestamp(each.made_at, UTC):%F %T}Z", each.why, _names(each)) for each in backups
    )
    return Document(
        kind="JobBackups",
        data={"folder": folder, "backups": [_backup_data(each) for each in backups]},
        columns=("BACKUP", "MADE", "BY", "JOBS"),
        rows=rows,
        names=tuple(each.name for each in backups),
        text=None if backups else f"No backups in {folder}.",
    )


def plan_document(plan: RestorePlan, backup: str) -> Document:
    """Return what the backup in the folder BACKUP would bring back."""
    return Document(
        kind="JobsRestorePlan",
        data={"backup": backup, "jobs": [_restoration_data(each) for each in plan.restorations]},
        columns=("ACTION", "NAME", "DETAIL"),
        rows=tuple((each.action.value, each.key.full_name, _detail(each)) for each in plan.restorations),
        names=tuple(each.key.full_name for each in plan.writes),
        text=None if plan.restorations else "The backup holds nothing.",
    )


def _names(backup: BackupSummary) -> str:
    return listed(each.full_name for each in backup.keys) or "none"


def _backup_data(backup: BackupSummary) -> dict[str, object]:
    return {
        "name": backup.name,
        "folder": backup.place,
        "madeAt": datetime.fromtimestamp(backup.made_at, UTC).isoformat(),
        "by": backup.why,
        "jobs": [{"name": each.full_name, "isView": each.is_view} for each in backup.keys],
    }


def _detail(each: Restoration) -> str:
    changed = f"changes {listed(each.fields)}" if each.fields else ""
    return "; ".join(part for part in (*each.notes, changed) if part)


def _restoration_data(each: Restoration) -> dict[str, object]:
    return {
        "name": each.key.full_name,
        "isView": each.key.is_view,
        "action": each.action.value,
        "notes": list(each.notes),
        "fields": list(each.fields),
    }
