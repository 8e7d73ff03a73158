"""Every command line of cictl that the documentation shows can be typed, and everything that can be typed is there."""

from __future__ import annotations

import itertools
import re
import shlex
from pathlib import Path

import click
import pytest

from cictl.root import cli
from docs.generate import commands as documented_commands
from tests.docs_pages import DOCS, PAGES, blocks, ci_commands, commands, inline_code, links, name

_SEPARATORS = {"|", "||", "&&", ";", "&", ">", "<", ")", "("}
_SUBSTITUTED = re.compile(r"\$\((cictl [^)]*)\)")
_PAGES = pytest.mark.parametrize("page", PAGES, ids=name)
_COMMANDS = dict(documented_commands())


def cictl_lines(page: Path) -> list[str]:
    """Return each command line of cictl on PAGE, in blocks and in the text."""
    shown = [each.line for block in blocks(page) if block.language == "console" for each in commands(block)]
    shown += [line for block in blocks(page) for script in ci_commands(block) for line in script.splitlines()]
    inner = [found for line in shown for found in _SUBSTITUTED.findall(line)]
    outer = [_SUBSTITUTED.sub("", line) for line in shown if not line.startswith("kubectl")]
    typed = [found for line in outer for found in re.findall(r"\bcictl .*", line)]
    return [*inner, *typed, *(code for code in inline_code(page) if code.startswith("cictl "))]


def words_of(line: str) -> list[str]:
    """Return the words behind `cictl` of the first command in LINE."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(itertools.takewhile(lambda word: word not in _SEPARATORS, lexer))[1:]
    return [word for word in words if word != "$@"]  # which stands for options


def parse(words: list[str]) -> None:
    """Follow WORDS to the command that they name, and take them as it does; UsageError where it would not."""
    command: click.Command = cli
    context = click.Context(cli, info_name="cictl")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        if found is None:
            raise click.UsageError(f"no command {words[0]}")
        command, words = found, words[1:]
    _, left, _ = command.make_parser(click.Context(command)).parse_args(words)
    if left and not isinstance(command, click.Group):
        raise click.UsageError(f"{command.name} takes no {' '.join(left)}")


@_PAGES
def test_every_shown_command_line_can_be_parsed(page: Path) -> None:
    for line in cictl_lines(page):
        try:
            parse(words_of(line))
        except (click.UsageError, ValueError) as problem:
            pytest.fail(f"{name(page)}: {line}: {problem}")


@_PAGES
def test_commands_that_are_shown_as_typed_are_in_blocks_that_a_test_runs(page: Path) -> None:
    for block in blocks(page):
        if block.language != "console":
            assert "$ cictl" not in block.text, f"{name(page)}: make it ```console, so that it is run"


@_PAGES
def test_links_lead_somewhere(page: Path) -> None:
    assert [target for target in links(page) if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("command", _COMMANDS)
def test_every_command_and_option_is_in_the_reference(command: str) -> None:
    reference = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    section = reference.partition(f"## {command}\n")[2].partition("\n## ")[0]
    options = [
        option
        for parameter in _COMMANDS[command].command.params
        if isinstance(parameter, click.Option) and not parameter.hidden
        for option in parameter.opts
    ]
    assert [option for option in options if option not in section] == []


def test_the_index_names_every_page() -> None:
    index = (DOCS / "README.md").resolve()
    named = {(index.parent / target).resolve() for target in links(index)}
    missing = [name(page) for page in PAGES if page.is_relative_to(DOCS) and page.resolve() not in named | {index}]
    assert missing == []
