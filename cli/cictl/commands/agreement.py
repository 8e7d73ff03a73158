"""How commands that write ask first: a plan is shown to people, who agree; whoever is no person says --yes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from cictl.commands.options import dry_run_option, gathered, together
from cictl.errors import CictlError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cictl.output import Document
    from cictl.wiring.app import App

yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the command line says of agreeing."""

    yes: bool
    dry_run: bool

    def is_reached(
        self,
        app: App,
        plan: Document,
        question: str | None,
        *,
        look_after_lock: Callable[[], object],
        check: Callable[[], None] = lambda: None,
    ) -> bool:
        """Show PLAN, and return whether it is to be done; QUESTION is None where there is nothing to do.

        CHECK may still refuse what people have seen. A lock that a dead run left is looked after where nothing is done.
        """
        if question is None and not self.dry_run:
            look_after_lock()
        if question is None or self.dry_run:
            app.output.show(plan)
            if question is not None:
                _tell_of(app, check)
            return False
        show_to_people(app, plan)
        check()
        ask(app, question, is_agreed=self.yes)
        return True


agreement_options = together(yes_option, dry_run_option, gathered("agreement", Agreement))


def _tell_of(app: App, check: Callable[[], None]) -> None:
    """Say what CHECK would refuse, where nothing is to be done."""
    try:
        check()
    except CictlError as refusal:
        app.output.progress(f"without --dry-run this is refused: {refusal.message}; {refusal.hint}")


def show_to_people(app: App, plan: Document) -> None:
    """Show PLAN where the result is for people; for a machine the result alone stands on stdout."""
    if app.output.is_for_people:
        app.output.show(plan)


def ask(app: App, question: str, *, is_agreed: bool) -> None:
    """Ask QUESTION, unless IS_AGREED; raise click.Abort where the answer is no."""
    if not app.output.confirm(question, assume_yes=is_agreed):
        raise click.Abort
