"""What became of each job that was written, marked, deleted or brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.output import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cictl.core.job_outcome import Outcome


def results_document(kind: str, outcomes: Sequence[Outcome], **more: object) -> Document:
    """Return OUTCOMES as a document of KIND; MORE stands before them, as the backup that was made."""
    jobs = [
        {
            "name": each.key.full_name,
            "isView": each.key.is_view,
            "result": each.result.value,
            "detail": each.detail or None,
        }
        for each in outcomes
    ]
    return Document(
        kind=kind,
        data={**more, "jobs": jobs},
        columns=("RESULT", "NAME", "DETAIL"),
        rows=tuple((each.result.value, each.key.full_name, each.detail) for each in outcomes),
        names=tuple(each.key.full_name for each in outcomes),
        text=None if outcomes else "nothing to do",
    )
