"""The reference is the snapshot: what a command's help says stands in docs/reference/cli.md, `make docs` renews it."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from docs.generate import DOCS, commands, pages

_COMMANDS = dict(commands())


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.name)
def test_generated_pages_are_up_to_date(path: Path) -> None:
    assert path.exists(), "run 'make docs'"
    assert path.read_text(encoding="utf-8") == pages()[path], "run 'make docs'"


@pytest.mark.parametrize("name", _COMMANDS)
def test_help_is_in_the_reference(name: str) -> None:
    reference = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    assert _COMMANDS[name].get_help() in reference, "the help changed: run 'make docs' and look at the difference"


@pytest.mark.parametrize("name", _COMMANDS)
def test_every_command_and_option_says_what_it_does(name: str) -> None:
    command = _COMMANDS[name].command
    assert command.help
    assert command.help.split("\n")[0].endswith("."), command.help
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize("name", _COMMANDS)
def test_options_that_mean_the_same_everywhere_are_called_the_same(name: str) -> None:
    known = {"-o": "--output", "-n": "--namespace", "-y": "--yes", "-v": "--verbose", "-h": "--help"}
    for parameter in _COMMANDS[name].command.params:
        names = {*parameter.opts, *parameter.secondary_opts}
        for short, long in known.items():
            assert (short in names) <= (long in names), f"{name}: {names}"
