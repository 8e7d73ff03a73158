"""`cictl config`: what the configuration says and where each value is from; changes no file."""

from __future__ import annotations

import click


@click.group()
def group() -> None:
    """Show and check the configuration."""
