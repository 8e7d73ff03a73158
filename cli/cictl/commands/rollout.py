"""Roll a release out, watch it, take it back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from cictl.commands.options import dry_run_option, gathered, output_option, together
from cictl.commands.report_documents import report_document
from cictl.commands.rollout_documents import history_document, outcome_document, plan_document, status_document
from cictl.core.rollout_state import Reason

if TYPE_CHECKING:
    from cictl.core.outcome import Outcome
    from cictl.core.plan import Plan
    from cictl.wiring.app import App
    from cictl.wiring.rollouts import RolloutTools


@dataclass(frozen=True, slots=True)
class Where:
    """What a user named: a service with its environment, or a Deployment with its namespace."""

    target: str
    environment: str | None
    namespace: str | None
    context: str | None


placed = together(
    click.argument("target"),
    click.option("-e", "--env", "environment", help="The environment of a service."),
    click.option("-n", "--namespace", help="The namespace of deployment/NAME."),
    click.option("--context", help="The kubeconfig context of deployment/NAME.  [default: the current]"),
    gathered("where", Where),
    click.pass_obj,
)


def _tools(app: App, where: Where) -> RolloutTools:
    from cictl.wiring.cluster import place_of  # noqa: PLC0415 - loads the Kubernetes client
    from cictl.wiring.rollouts import RolloutTools  # noqa: PLC0415

    place = place_of(app, where.target, environment=where.environment, namespace=where.namespace, context=where.context)
    return RolloutTools(app, place)


def finish(app: App, outcome: Outcome) -> NoReturn:
    """Show how a rollout ended, and exit as it says."""
    app.output.show(outcome_document(outcome))
    raise SystemExit(outcome.exit_code)


@click.group(name="rollout")
def group() -> None:
    """Roll a release out with canary and gate, watch it, take it back.

    TARGET is a service of cictl.yaml (with --env), or deployment/NAME (with -n) for any Deployment that is there.
    """


@group.command()
@placed
@click.option("--image", required=True, help="What to release: repository@sha256:…, or a tag that is resolved.")
@click.option("--strategy", help="How it comes in.  [default: the environment's; direct for deployment/NAME]")
@click.option("--gate", help="The gate that must hold.  [default: the strategy's]")
@click.option("--container", help="The container of deployment/NAME that gets the image, where it has several.")
@click.option("--allow-gitops", is_flag=True, help="Argo CD or Flux ignores the fields that are held.")
@click.option("--resume", "resume_left", is_flag=True, help="Go on with a rollout of IMAGE that was left on its way.")
@dry_run_option
@output_option
def start(
    app: App,
    where: Where,
    *,
    image: str,
    strategy: str | None,
    gate: str | None,
    container: str | None,
    allow_gitops: bool,
    resume_left: bool,
    dry_run: bool,
) -> None:
    """Release IMAGE of TARGET, step by step, and take it back where its gate says so."""
    from cictl.wiring.wanted import Asked, wanted_release  # noqa: PLC0415 - loads the Kubernetes client

    tools = _tools(app, where)
    wanted = wanted_release(tools, Asked(image, strategy, gate, container, allow_gitops))
    if resume_left and not dry_run and tools.rollouts.is_under_way(wanted):
        app.output.line(f"{wanted.service}: a rollout of {wanted.image} is under way; going on with it")
        go_on(app, tools, take_over=False)
    _run(app, tools, tools.rollouts.plan(wanted), dry_run=dry_run)


def _run(app: App, tools: RolloutTools, plan: Plan, *, dry_run: bool) -> None:
    """Print PLAN; then, unless that was all or nothing would change, do it."""
    if dry_run or plan.is_empty:
        app.output.show(plan_document(plan))
        return
    tools.show_plan(plan)
    with tools.reporter() as reporter:
        outcome = tools.rollouts.start(plan, reporter)
    finish(app, outcome)


@group.command()
@placed
@click.option("--to-revision", type=click.IntRange(min=1), help="The release to go back to.  [default: the last good]")
@click.option("--reason", help="Why; kept with the release.")
@click.option("--take-over", is_flag=True, help="First take a rollout that is under way back, whoever drives it.")
@dry_run_option
@output_option
def undo(
    app: App,
    where: Where,
    *,
    to_revision: int | None,
    reason: str | None,
    take_over: bool,
    dry_run: bool,
) -> None:
    """Bring an earlier release of TARGET back at once: its image and its configuration.

    With --take-over and no --to-revision, taking back what is under way is all where there is such a rollout: what ran
    before it runs again.
    """
    from cictl.wiring.wanted import undo_release  # noqa: PLC0415 - loads the Kubernetes client

    tools = _tools(app, where)
    if take_over and not dry_run and tools.rollouts.is_under_way_of(tools.place.service):
        outcome = _abort(tools, why=reason or "")
        if to_revision is None or outcome.reason is not Reason.BY_USER:
            _finish_abort(app, outcome)
            return
    _run(app, tools, tools.rollouts.plan(undo_release(tools, to_revision, reason=reason)), dry_run=dry_run)


@group.command()
@placed
@click.option("--take-over", is_flag=True, help="Do not wait for who drives: write a higher token and go on.")
@output_option
def resume(app: App, where: Where, *, take_over: bool) -> None:
    """Go on with a rollout whose driver has gone."""
    go_on(app, _tools(app, where), take_over=take_over)


def go_on(app: App, tools: RolloutTools, *, take_over: bool) -> NoReturn:
    """Drive the rollout that is under way, and end as it ends."""
    with tools.reporter() as reporter:
        outcome = tools.rollouts.resume(tools.place.service, reporter, take_over=take_over)
    finish(app, outcome)


@group.command()
@placed
@output_option
def abort(app: App, where: Where) -> None:
    """Take the rollout that is under way back, whoever drives it."""
    _finish_abort(app, _abort(_tools(app, where)))


def _abort(tools: RolloutTools, *, why: str = "") -> Outcome:
    with tools.reporter() as reporter:
        return tools.rollouts.abort(tools.place.service, reporter, why=why)


def _finish_abort(app: App, outcome: Outcome) -> None:
    app.output.show(outcome_document(outcome))
    if outcome.reason is not Reason.BY_USER:
        raise SystemExit(outcome.exit_code)


@group.command()
@placed
@output_option
def status(app: App, where: Where) -> None:
    """Show where the rollout of TARGET is and who drives it."""
    tools = _tools(app, where)
    app.output.show(status_document(tools.status()))


@group.command()
@placed
@output_option
def watch(app: App, where: Where) -> None:
    """Follow the rollout of TARGET until it ends; changes nothing."""
    tools = _tools(app, where)
    with tools.reporter() as reporter:
        ended = tools.follow(reporter)
    app.output.show(status_document(ended))


@group.command()
@placed
@output_option
def history(app: App, where: Where) -> None:
    """List the releases of TARGET that are kept, and how each ended."""
    tools = _tools(app, where)
    app.output.show(history_document(tools.place.service, tools.store.all(tools.place.service), tools.running()))


@group.command()
@placed
@click.option("--release", type=click.IntRange(min=1), help="Which release.  [default: that of the newest rollout]")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write the report here, as HTML."
)
@output_option
def report(app: App, where: Where, *, release: int | None, out: Path | None) -> None:
    """Tell how a rollout of TARGET went: what happened and why, step by step, what was measured, and how to undo it.

    The HTML is one file that needs no other: it can be mailed, printed, or kept with a build.
    """
    from cictl.wiring.rollout_reports import rollout_report, write_page  # noqa: PLC0415 - loads the Kubernetes client

    told = rollout_report(_tools(app, where), release)
    if out is not None:
        write_page(told, out)
    app.output.show(report_document(told, written=out))
