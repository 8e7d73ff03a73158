"""The options that mean the same on every command."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from cictl.core.quantities import format_duration, parse_duration
from cictl.output import Format

if TYPE_CHECKING:
    from cictl.wiring.app import App

MARKDOWN = "markdown"
Function = Callable[..., object]
_F = TypeVar("_F", bound=Function)


class DurationType(click.ParamType[float]):
    """A duration with its unit, as in 10s, 2m or 1h30m; the command gets seconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return seconds."""
        if isinstance(value, float | int):
            return float(value)
        try:
            return parse_duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


DURATION = DurationType()


class FormatType(click.Choice[str]):
    """A format that any result takes; one that a single command takes besides is told where it belongs."""

    name = "format"

    def __init__(self) -> None:
        """Take each `Format`."""
        super().__init__([format_.value for format_ in Format])

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return VALUE if it is a format."""
        if value == MARKDOWN:
            self.fail(
                "markdown is for plans alone: 'cictl jobs plan -o markdown', with -o after the command", param, ctx
            )
        return super().convert(value, param, ctx)


def _select_format(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value is not None and ctx.obj is not None:
        app: App = ctx.obj
        app.select_format(Format(value))


def together(*decorators: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """Return what decorates a command by all of DECORATORS; its help shows their options in this order."""

    def decorate(function: Function) -> Function:
        for each in reversed(decorators):
            function = each(function)
        return function

    return decorate


def gathered(name: str, make: Function) -> Callable[[Function], Function]:
    """Give the command as NAME what MAKE, a dataclass as a rule, makes of those options that it has parameters for."""
    parameters = inspect.signature(make).parameters.keys()

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def command(*args: object, **values: object) -> object:
            taken = {each: values.pop(each) for each in parameters & values.keys()}
            return function(*args, **{name: make(**taken)}, **values)

        return command

    return decorate


def output_option(function: _F) -> _F:
    """Add `-o/--output`, which changes how `app.output` shows documents."""
    return click.option(
        "-o",
        "--output",
        type=FormatType(),
        callback=_select_format,
        expose_value=False,
        help="How to print the result.  [default: table]",
    )(function)


def timeout_option(*, default_seconds: float) -> Callable[[_F], _F]:
    """Add `--timeout`, given to the command as `timeout_seconds`."""
    return click.option(
        "--timeout",
        "timeout_seconds",
        type=DURATION,
        default=default_seconds,
        help=f"Give up after this long (exit 8).  [default: {format_duration(default_seconds)}]",
    )


def dry_run_option(function: _F) -> _F:
    """Add `--dry-run`, given to the command as `dry_run`."""
    return click.option("--dry-run", is_flag=True, help="Print what would change, and stop there.")(function)
