"""`cictl jobs`: the jobs of Jenkins as code."""

from __future__ import annotations

import click

from cictl.commands.jobs_adopt import adopt
from cictl.commands.jobs_plan import apply, drift, plan
from cictl.commands.jobs_prune import prune
from cictl.commands.jobs_render import plugins_info, render
from cictl.commands.jobs_restore import restore


@click.group()
def group() -> None:
    """Render, plan and apply the jobs of Jenkins."""


for _command in (render, plugins_info, plan, apply, drift, adopt, prune, restore):
    group.add_command(_command)
