"""`cictl jobs`: the jobs of Jenkins as code."""

from __future__ import annotations

import importlib

import click

_MODULES = {
    "render": "jobs_render",
    "plugins-info": "jobs_render",
    "plan": "jobs_plan",
    "apply": "jobs_plan",
    "drift": "jobs_plan",
    "adopt": "jobs_adopt",
    "prune": "jobs_prune",
    "restore": "jobs_restore",
}


class _LazyGroup(click.Group):
    """Imports a command when it runs; only the list of all needs all of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the table's order."""
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import and return one command."""
        if cmd_name not in _MODULES:
            return None
        module = importlib.import_module(f"cictl.commands.{_MODULES[cmd_name]}")
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command


@click.group(cls=_LazyGroup)
def group() -> None:
    """Render, plan and apply the jobs of Jenkins."""
