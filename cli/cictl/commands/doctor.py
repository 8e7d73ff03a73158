"""`cictl doctor`: one row for each system, with the next step where one is needed; mends nothing."""

from __future__ import annotations

import click

from cictl.commands.options import output_option
from cictl.output import Document
from cictl.services.doctor import Finding, diagnose, gravest
from cictl.wiring.app import App


@click.command()
@click.argument("system", type=click.Choice(["jenkins"]), required=False)
@output_option
@click.pass_context
def command(ctx: click.Context, *, system: str | None) -> None:
    """Check every system that cictl needs, or Jenkins alone.

    Is it there, in which version, may you use it, and is its clock right? Of Jenkins also: is it safe?

    Ends with the exit code of the gravest finding: 7 unreachable, 5 not allowed.
    """
    from cictl.wiring.doctor import jenkins_survey, probes  # noqa: PLC0415 - every client, which --help does not need

    app: App = ctx.obj
    findings = diagnose([jenkins_survey(app)] if system else probes(app))
    app.output.show(_document(findings))
    ctx.exit(gravest(findings))


def _document(findings: list[Finding]) -> Document:
    rows = [(f.system, f.status.value, f.version or "-", f.detail, f.next_step) for f in findings]
    return Document(
        kind="Diagnosis",
        data={"findings": [_fields(finding) for finding in findings]},
        columns=("SYSTEM", "STATUS", "VERSION", "DETAIL", "NEXT STEP"),
        rows=tuple(rows),
        names=tuple(finding.system for finding in findings),
    )


def _fields(finding: Finding) -> dict[str, object]:
    return {
        "system": finding.system,
        "status": finding.status,
        "version": finding.version,
        "detail": finding.detail,
        "nextStep": finding.next_step,
        "exitCode": finding.exit_code,
    }
