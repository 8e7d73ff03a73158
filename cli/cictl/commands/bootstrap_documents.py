"""What `cictl bootstrap` prints, for people and for machines; never a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.output import Document, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cictl.core.bootstrap_plan import Step

_COLUMNS = ("PART", "WHAT", "STATE", "DETAIL")


def plan_document(steps: Sequence[Step], *, is_check: bool = False) -> Document:
    """Return what would be done."""
    kind = "BootstrapCheck" if is_check else "BootstrapPlan"
    return _document(kind, steps, [step.planned_word for step in steps])


def result_document(steps: Sequence[Step]) -> Document:
    """Return what was done."""
    return _document("Bootstrap", steps, [step.standing.value for step in steps])


def emitted_document(files: Sequence[str]) -> Document:
    """Return which files were written."""
    return Document(
        kind="BootstrapFiles",
        data={"files": list(files)},
        columns=("FILE",),
        rows=tuple((file,) for file in files),
        names=tuple(files),
    )


def _document(kind: str, steps: Sequence[Step], states: Sequence[str]) -> Document:
    rows = [(step.part.value, step.subject, state, step.detail) for step, state in zip(steps, states, strict=True)]
    notes = [line for step in steps for line in _notes(step)]
    return Document(
        kind=kind,
        data={"steps": [_fields(step, state) for step, state in zip(steps, states, strict=True)]},
        text="\n".join([table(_COLUMNS, rows), *([""] if notes else []), *notes]),
        wide_columns=_COLUMNS,
        wide_rows=tuple(rows),
        names=tuple(f"{step.part}/{step.subject}" for step in steps),
    )


def _notes(step: Step) -> Iterator[str]:
    if step.todo or step.lines:
        yield f"{step.part}, {step.subject}:{f' {step.todo}' if step.todo else ''}"
        yield from (f"  {line}" for line in step.lines)


def _fields(step: Step, state: str) -> dict[str, object]:
    return {
        "part": step.part,
        "subject": step.subject,
        "state": state,
        "detail": step.detail,
        "next": step.todo,
        "lines": list(step.lines),
        "exitCode": int(step.exit_code),
    }
