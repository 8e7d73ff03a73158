"""The lab's command line, and the one place where its errors become exit codes."""

from __future__ import annotations

import argparse
import json
import os
import signal
from collections import deque
from collections.abc import Callable, Sequence

from lab import control, environment, existing, native, output, parts, requirements, status
from lab.errors import ExitCode, LabError, NotRunningError
from lab.layout import Layout, default_layout


def main(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code."""
    options = _parser().parse_args(arguments)
    command: Callable[[Layout, argparse.Namespace], ExitCode] = options.command
    try:
        return command(default_layout(), options)
    except LabError as error:
        output.complain(str(error), error.hint)
        return error.exit_code
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def up(layout: Layout, options: argparse.Namespace) -> ExitCode:
    """Bring the lab up."""
    if options.provider == "existing":
        existing.remember(layout, existing.name(options.context, options.registry, options.prometheus))
        output.note(f"the lab is context {options.context!r}")
        return ExitCode.DONE
    requirements.check(requirements.gather())
    existing.forget(layout)
    native.up(layout)
    output.note('use it: eval "$(python -m lab env)"')
    return ExitCode.DONE


def down(layout: Layout, _options: argparse.Namespace) -> ExitCode:
    """End the lab and remove what it left on the machine."""
    if existing.forget(layout):
        output.note("forgot the cluster that was named; nothing was changed there")
        return ExitCode.DONE
    requirements.check(requirements.gather())
    native.down(layout)
    output.note("the lab is down")
    return ExitCode.DONE


def show_status(layout: Layout, options: argparse.Namespace) -> ExitCode:
    """Show each part: process, memory, and whether it is ready."""
    if named := existing.remembered(layout):
        output.show(json.dumps(existing.environment(named), indent=2))
        return ExitCode.DONE
    statuses = status.observe(layout)
    text = json.dumps(status.as_data(statuses), indent=2) if options.output == "json" else status.as_table(statuses)
    output.show(text)
    return ExitCode.DONE if status.is_up(statuses) else ExitCode.NOT_RUNNING


def env(layout: Layout, options: argparse.Namespace) -> ExitCode:
    """Print the environment variables with which to use the lab."""
    variables = _variables(layout)
    as_json = options.output == "json"
    output.show(json.dumps(variables, indent=2) if as_json else environment.as_exports(variables))
    return ExitCode.DONE


def _variables(layout: Layout) -> dict[str, str]:
    if named := existing.remembered(layout):
        return existing.environment(named)
    control.require(layout)
    return environment.native(layout, os.environ.get("PATH", os.defpath))


def logs(layout: Layout, options: argparse.Namespace) -> ExitCode:
    """Print a part's log."""
    name = "supervisor" if options.part == "supervisor" else control.known(parts.table(layout), options.part).name
    path = layout.logs / f"{name}.log"
    if not path.exists():
        raise NotRunningError(f"there is no log of {name}", hint="run 'python -m lab up'")
    with path.open(errors="replace") as lines:
        for line in deque(lines, maxlen=options.lines):
            output.show(line.rstrip("\n"))
    return ExitCode.DONE


def kill(layout: Layout, options: argparse.Namespace) -> ExitCode:
    """Kill a part; it stays dead until 'start'."""
    part = control.known(parts.table(layout), options.part)
    control.require(layout)
    control.kill(layout, part.name, number=signal.Signals[f"SIG{options.signal}"])
    output.note(f"{part.name} got the signal {options.signal}")
    return ExitCode.DONE


def start(layout: Layout, options: argparse.Namespace) -> ExitCode:
    """Start a part and wait until it is ready."""
    part = control.known(parts.table(layout), options.part)
    control.require(layout)
    native.start_one(layout, part)
    output.note(f"{part.name} is ready")
    return ExitCode.DONE


def agent_base(layout: Layout, _options: argparse.Namespace) -> ExitCode:
    """Build what the agent's image is built on here, and print its name."""
    from lab import agent_base as base  # noqa: PLC0415 - nothing else needs it

    control.require(layout)
    output.show(base.ensure(layout))
    return ExitCode.DONE


def demo(layout: Layout, options: argparse.Namespace) -> ExitCode:
    """Push two services: built, tested, rolled out; a bad push, a promotion, a killed driver."""
    from lab.demo import play, shop  # noqa: PLC0415 - nothing else needs it

    variables = _variables(layout)
    play(layout.cache / "demo", variables, shop.FAST if options.fast else shop.CALM)
    return ExitCode.DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lab", description="A real Docker engine, registry, Kubernetes and Prometheus."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[Layout, argparse.Namespace], ExitCode]) -> argparse.ArgumentParser:
        text = (command.__doc__ or "").strip()
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(command=command)
        return made

    bringing = add("up", up)
    bringing.add_argument(
        "--provider", choices=("native", "existing"), default="native", help="make one here, or use yours"
    )
    bringing.add_argument("--context", help="with existing: the context in your kubeconfig")
    bringing.add_argument("--registry", help="with existing: HOST:PORT of a registry that cluster and Docker reach")
    bringing.add_argument("--prometheus", help="with existing: URL of a Prometheus that scrapes the cluster")
    add("down", down)
    add("agent-base", agent_base)
    showing = add("demo", demo)
    is_hurried = os.environ.get("CICTL_DEMO_FAST", "") not in {"", "0"}
    showing.add_argument("--fast", action="store_true", default=is_hurried, help="shorter pauses; or CICTL_DEMO_FAST=1")
    for made, other in ((add("status", show_status), "table"), (add("env", env), "shell")):
        made.add_argument("-o", "--output", choices=(other, "json"), default=other, help="for people or for programs")
    reading = add("logs", logs)
    reading.add_argument("-n", "--lines", type=int, default=100, help="how many lines from the end")
    killing = add("kill", kill)
    killing.add_argument("--signal", default="KILL", choices=("KILL", "TERM", "STOP", "CONT"), help="default: KILL")
    for made in (reading, killing, add("start", start)):
        made.add_argument("part", metavar="PART", help="a name that 'status' shows")
    return parser
