"""`cictl gate`: measure what runs now against a gate, and find what is wrong with a gate itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cictl.commands.options import DURATION, output_option
from cictl.errors import ConfigInvalid, GateUndecided, GateUnhealthy

if TYPE_CHECKING:
    from cictl.wiring.app import App


@click.group()
def group() -> None:
    """Measure a release against its gate, and lint gates."""


@group.command("check")
@click.argument("service")
@click.option("-e", "--env", "environment", required=True, help="The environment that it runs in.")
@click.option("--gate", help="The gate to judge by.  [default: the environment's]")
@click.option("--window", "window_seconds", type=DURATION, default=300.0, help="How far to look back.  [default: 5m]")
@output_option
@click.pass_obj
def check(app: App, service: str, environment: str, gate: str | None, window_seconds: float) -> None:
    """Take one verdict on what SERVICE runs now: exit 0 healthy, 10 unhealthy, 11 unknown or insufficient.

    During a canary the new release is judged. A value is judged by this one look, whatever its `for` says.
    """
    from cictl.commands.gate_documents import checked_document  # noqa: PLC0415 - after the command is chosen
    from cictl.core.verdict import Verdict  # noqa: PLC0415 - as above
    from cictl.wiring.gates import check_release  # noqa: PLC0415 - as above

    checked = check_release(app, service, environment=environment, gate=gate, window_seconds=window_seconds)
    app.output.show(checked_document(checked))
    result = checked.result
    if result.verdict is Verdict.UNHEALTHY:
        raise GateUnhealthy(f"gate {result.gate} is unhealthy: {result.reason}")
    if result.verdict is not Verdict.HEALTHY:
        raise GateUndecided(f"gate {result.gate} is {result.verdict}: {result.reason}")


@group.command("lint")
@click.argument("gates", nargs=-1)
@click.option("--offline", is_flag=True, help="Do not ask Prometheus for bucket bounds.")
@output_option
@click.pass_obj
def lint(app: App, gates: tuple[str, ...], *, offline: bool) -> None:
    """Find what is wrong with GATES (all by default) before a rollout does: exit 3 with errors.

    Queries are parsed, their variables and aggregation checked, and limits compared with the histogram's buckets.
    """
    from cictl.commands.gate_documents import lint_document  # noqa: PLC0415 - after the command is chosen
    from cictl.core.gate_lint_rules import Severity  # noqa: PLC0415 - as above
    from cictl.wiring.gates import lint_gates  # noqa: PLC0415 - as above

    found = lint_gates(app, gates, is_offline=offline)
    app.output.show(lint_document(found))
    errors = sum(item.finding.severity is Severity.ERROR for item in found)
    if errors:
        raise ConfigInvalid(f"{errors} error{'s' if errors > 1 else ''} in the gates", hint="each line names its place")
