"""`cictl services`: what a change concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cictl.commands.options import output_option
from cictl.output import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cictl.core.changed_services import Concerned
    from cictl.wiring.app import App


@click.group()
def group() -> None:
    """Ask about the services of the catalogue."""


@group.command("changed")
@click.option("--since", metavar="COMMIT", help="What to compare with; without it, all services count as changed.")
@output_option
@click.pass_obj
def changed(app: App, *, since: str | None) -> None:
    """List the services that a change concerns: by their folders, their charts, and what `uses` of cictl.yaml names."""
    from cictl.wiring.changes import changed_services  # noqa: PLC0415 - after the command is chosen

    app.output.show(_document(since, changed_services(app, since)))


def _document(since: str | None, found: Sequence[Concerned]) -> Document:
    names = tuple(each.service for each in found)
    return Document(
        "ChangedServices",
        {
            "since": since,
            "services": list(names),
            "items": [{"service": each.service, "because": each.because} for each in found],
        },
        columns=("SERVICE", "BECAUSE"),
        rows=tuple((each.service, each.because or "-") for each in found),
        names=names,
    )
