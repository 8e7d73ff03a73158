"""The options that commands of `cictl build` share: which job, branch and build, with which parameters."""

from __future__ import annotations

from dataclasses import dataclass, field

import click

from cictl.commands.options import gathered, together


class BuildName(click.ParamType[str]):
    """A build's number, `last` or `lastFailed`."""

    name = "build"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return VALUE if it names a build."""
        text = str(value)
        if not (text.isascii() and text.isdecimal() and int(text) > 0) and text not in {"last", "lastFailed"}:
            self.fail(f"{text!r} is no build; write its number, last or lastFailed", param, ctx)
        return text


@dataclass(frozen=True, slots=True)
class Which:
    """Which job is meant: a service's, or any; and of a multibranch project which branch's."""

    service: str | None
    job: str | None
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """Parameters: their WORDS (NAME=VALUE), and the PLACES where values stand."""

    words: tuple[str, ...] = field(repr=False)
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskedInput:
    """Which input is answered; None is the one that waits."""

    number: int | None
    input_id: str | None


job_options = together(
    click.argument("service", required=False),
    click.option("--job", help="Any job, by its full name, in place of SERVICE."),
    click.option("--branch", help="The branch or pull request.  [default: main, master, trunk or the only one]"),
    gathered("which", Which),
)
parameter_options = together(
    click.option("-p", "--param", "words", multiple=True, metavar="NAME=VALUE", help="A parameter's value."),
    click.option(
        "--param-from",
        "places",
        multiple=True,
        metavar="NAME=env:VARIABLE|file:PATH",
        help="Where a parameter's value stands, as of a password.",
    ),
    gathered("given", Given),
)
input_options = together(
    click.option("--build", "number", type=click.IntRange(min=1), help="Its number.  [default: the one that waits]"),
    click.option("--input", "input_id", help="The input's id.  [default: the one that waits]"),
    gathered("asked", AskedInput),
)
