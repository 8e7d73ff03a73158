"""How the options of a command become one argument."""

from __future__ import annotations

from dataclasses import dataclass

import click
from click.testing import CliRunner

from cictl.commands.options import gathered


@dataclass(frozen=True)
class _Place:
    host: str
    port: int = 80


def _address(*, place: _Place, path: str) -> str:
    return f"{place.host}:{place.port}/{path}"


@click.command()
@click.argument("host")
@click.option("--path", default="")
@click.option("--loud", is_flag=True)
@gathered("place", _Place)
@gathered("address", _address)
def _visit(*, address: str, loud: bool) -> None:
    click.echo(address.upper() if loud else address)


def test_what_a_maker_has_parameters_for_goes_into_it_and_the_rest_stays() -> None:
    result = CliRunner().invoke(_visit, ["a", "--path", "b", "--loud"])
    assert (result.exit_code, result.output) == (0, "A:80/B\n")


def test_the_help_is_that_of_the_options() -> None:
    output = CliRunner().invoke(_visit, ["--help"]).output
    assert ("HOST" in output, "--path" in output, "--loud" in output, "place" in output) == (True, True, True, False)
