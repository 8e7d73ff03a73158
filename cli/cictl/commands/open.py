"""`cictl open`: where a service is in Jenkins, in a browser where there is one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from cictl.commands.options import output_option
from cictl.output import Document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cictl.wiring.app import App


@click.command(name="open")
@click.argument("service", required=False)
@click.option("--job", help="Any job, by its full name, in place of SERVICE.")
@click.option("--branch", help="The branch or pull request.  [default: all of them]")
@click.option("--build", "number", type=click.IntRange(min=1), help="A build's number.")
@click.option("--print", "is_print_only", is_flag=True, help="Print the address and open nothing.")
@output_option
@click.pass_obj
def command(
    app: App, *, service: str | None, job: str | None, branch: str | None, number: int | None, is_print_only: bool
) -> None:
    """Print the address of SERVICE in Jenkins, and on a terminal open it in a browser.

    The page is there, and you may see it, or it is an error.
    """
    from cictl.wiring.builds import BuildTools  # noqa: PLC0415 - loads clients

    tools = BuildTools(app)
    address = tools.address(tools.named(service, job), branch, number)
    app.output.show(Document("Address", {"url": address}, names=(address,), text=address))
    if not is_print_only and app.output.is_terminal and _has_browser(app.environ):
        click.launch(address)


def _has_browser(environ: Mapping[str, str]) -> bool:
    """Whether a browser would open beside the terminal, and not in it."""
    return sys.platform in {"darwin", "win32"} or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
