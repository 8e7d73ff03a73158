"""`cictl config`: what the configuration says and where each value is from; changes no file."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from cictl.commands.options import output_option
from cictl.config.inspect import platform_schema, service_schema, settings
from cictl.output import Document
from cictl.wiring.app import App


@click.group()
def group() -> None:
    """Show and check the configuration."""


@group.command()
@output_option
@click.pass_obj
def view(app: App) -> None:
    """Show each value with where it came from: file and line, variable, flag or default."""
    config = app.config()
    found = settings(config)
    document = Document(
        kind="ConfigView",
        data={"path": str(config.path), "settings": [asdict(setting) for setting in found]},
        columns=("KEY", "VALUE", "FROM"),
        rows=tuple((setting.key, setting.shown, setting.origin) for setting in found),
        names=tuple(setting.key for setting in found),
    )
    app.output.show(document)


@group.command()
@output_option
@click.pass_obj
def check(app: App) -> None:
    """Check cictl.yaml and every service.yaml that it names, and print all findings."""
    from cictl.config.check import check_services  # noqa: PLC0415 - pydantic only when it is needed

    files = check_services(app.config())
    document = Document(
        kind="ConfigCheck",
        data={"files": files},
        columns=("FILE", "STATUS"),
        rows=tuple((file, "ok") for file in files),
        names=tuple(files),
    )
    app.output.show(document)


@group.command()
@click.argument("file", type=click.Choice(["platform", "service"]), default="platform")
@click.pass_obj
def schema(app: App, file: str) -> None:
    """Print the JSON schema of cictl.yaml, or of a service's service.yaml.

    Editors complete and check the file with it.
    """
    app.output.text(json.dumps(platform_schema() if file == "platform" else service_schema(), indent=2))
