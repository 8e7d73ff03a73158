"""`cictl completion`: the script that lets a shell complete cictl; writes no file itself."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from cictl.errors import UsageProblem
from cictl.wiring.app import App

_SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of SHELL (bash 4.4 or later, zsh, fish).

    For bash: cictl completion bash > ~/.local/share/bash-completion/completions/cictl
    """
    completion = get_completion_class(shell)
    if completion is None:
        raise UsageProblem(f"no completion for {shell}")
    app: App = ctx.obj
    app.output.text(completion(ctx.find_root().command, {}, "cictl", "_CICTL_COMPLETE").source())
