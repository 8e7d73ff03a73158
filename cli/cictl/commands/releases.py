"""Which release of each service runs where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cictl.commands.options import output_option
from cictl.output import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cictl.wiring.app import App
    from cictl.wiring.releases import Cell

_COLUMNS = ("SERVICE", "ENVIRONMENT", "RELEASE", "IMAGE", "COMMIT", "AGE", "VERDICT", "NOTE")


@click.command(name="releases")
@click.argument("service", required=False)
@output_option
@click.pass_obj
def command(app: App, *, service: str | None) -> None:
    """Show which release of SERVICE, or of each service, runs in each environment, and what its gate said."""
    from cictl.wiring.releases import release_matrix  # noqa: PLC0415 - loads the Kubernetes client

    cells = list(release_matrix(app, service))
    app.output.show(_document(cells))
    problems = [cell.problem for cell in cells if cell.problem is not None]
    for problem in {each.message: each for each in problems}.values():
        app.output.progress(f"cannot tell: {problem.message}")
    if problems:
        raise SystemExit(problems[0].exit_code)


def _document(cells: Sequence[Cell]) -> Document:
    return Document(
        "Releases",
        {"items": [_item(cell) for cell in cells]},
        columns=_COLUMNS,
        rows=tuple(map(_row, cells)),
        names=tuple(f"release/{cell.service}.v{cell.past.running}" for cell in cells if cell.past.running),
    )


def _row(cell: Cell) -> tuple[str, ...]:
    from cictl.commands.rollout_documents import age_text  # noqa: PLC0415 - not needed for --help
    from cictl.core.plan import short_image  # noqa: PLC0415

    if cell.problem is not None:
        return (cell.service, cell.environment, "?", "?", "?", "?", "unknown", type(cell.problem).__name__)
    release = cell.past.get(cell.past.running)
    if release is None:
        return (cell.service, cell.environment, "-", "-", "-", "-", cell.past.verdict, cell.past.note)
    since = release.ended if release.ended is not None else release.began
    return (
        cell.service,
        cell.environment,
        str(release.revision),
        short_image(release.image).partition("@")[2] or release.image,
        release.short_commit or "-",
        age_text(cell.now - since),
        cell.past.verdict,
        cell.past.note,
    )


def _item(cell: Cell) -> dict[str, object]:
    release = cell.past.get(cell.past.running)
    data: dict[str, object] = {"service": cell.service, "environment": cell.environment}
    if cell.problem is not None:
        return {**data, "release": None, "verdict": "unknown", "problem": cell.problem.message}
    return {
        **data,
        "release": release.revision if release else None,
        "image": release.image if release else None,
        "commit": release.commit if release else None,
        "dirty": release.is_dirty if release else None,
        "since": (release.ended or release.began) if release else None,
        "verdict": cell.past.verdict,
        "note": cell.past.note,
    }
