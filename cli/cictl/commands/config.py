"""`cictl config`: what the configuration says and where each value is from; changes no file."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from cictl.commands.options import output_option
from cictl.config.inspect import platform_schema, service_schema, settings
from cictl.errors import FarSideFailed
from cictl.output import Document
from cictl.wiring.app import App


@click.group()
def group() -> None:
    """Show and check the configuration."""


@group.command()
@output_option
@click.pass_obj
def view(app: App) -> None:
    """Show each value and where it is from.

    That is a file and line, an environment variable, a flag, or the default.
    """
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
    """Check cictl.yaml and each service.yaml.

    All findings are printed, each with its file, line and key.
    """
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
    """Print a file's JSON schema.

    Editors complete and check cictl.yaml (platform) or service.yaml (service) with it.
    """
    app.output.text(json.dumps(platform_schema() if file == "platform" else service_schema(), indent=2))


@group.command()
@click.option("--save", type=click.Path(dir_okay=False, path_type=Path), help="Write it here instead of printing it.")
@click.pass_obj
def library(app: App, *, save: Path | None) -> None:
    """Print what the shared library knows of cictl.yaml, as JSON.

    In the library's repository it is kept as resources/dev/cictl/platform.json: builds need some of it before they have
    cictl.yaml.
    """
    from cictl.config.library import library_facts  # noqa: PLC0415 - after the command is chosen

    facts = json.dumps(library_facts(app.config().model), indent=2)
    if save is None:
        app.output.text(facts)
        return
    try:
        save.write_text(f"{facts}\n", encoding="utf-8")
    except OSError as error:
        message = f"{save} cannot be written: {error.strerror}"
        raise FarSideFailed(message, hint="name a file of the library's checkout with --save") from error
