"""Roll a release out, watch it, take it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from cictl.commands.options import dry_run_option, output_option
from cictl.commands.rollout_documents import history_document, outcome_document, plan_document, status_document
from cictl.core.rollout_state import Reason

if TYPE_CHECKING:
    from cictl.core.outcome import Outcome
    from cictl.core.plan import Plan
    from cictl.wiring.app import App
    from cictl.wiring.rollouts import RolloutTools

_F = TypeVar("_F", bound=Callable[..., object])


def place_options(function: _F) -> _F:
    """Add what says where TARGET is."""
    function = click.option("--context", help="The kubeconfig context of deployment/NAME.  [default: the current]")(
        function
    )
    function = click.option("-n", "--namespace", help="The namespace of deployment/NAME.")(function)
    return click.option("-e", "--env", "environment", help="The environment of a service.")(function)


def _tools(app: App, target: str, environment: str | None, namespace: str | None, context: str | None) -> RolloutTools:
    from cictl.wiring.cluster import place_of  # noqa: PLC0415 - loads the Kubernetes client
    from cictl.wiring.rollouts import RolloutTools  # noqa: PLC0415

    return RolloutTools(app, place_of(app, target, environment=environment, namespace=namespace, context=context))


def _finish(app: App, outcome: Outcome) -> None:
    app.output.show(outcome_document(outcome))
    raise SystemExit(outcome.exit_code)


@click.group(name="rollout")
def group() -> None:
    """Roll a release out with canary and gate, watch it, take it back.

    TARGET is a service of cictl.yaml (with --env), or deployment/NAME (with -n) for any Deployment that is there.
    """


@group.command()
@click.argument("target")
@place_options
@click.option("--image", required=True, help="What to release: repository@sha256:…, or a tag that is resolved.")
@click.option("--strategy", help="How it comes in.  [default: the environment's; direct for deployment/NAME]")
@click.option("--gate", help="The gate that must hold.  [default: the strategy's]")
@click.option("--container", help="The container of deployment/NAME that gets the image, where it has several.")
@click.option("--allow-gitops", is_flag=True, help="Argo CD or Flux ignores the fields that are held.")
@dry_run_option
@output_option
@click.pass_obj
def start(
    app: App,
    target: str,
    environment: str | None,
    namespace: str | None,
    context: str | None,
    *,
    image: str,
    strategy: str | None,
    gate: str | None,
    container: str | None,
    allow_gitops: bool,
    dry_run: bool,
) -> None:
    """Release IMAGE of TARGET, step by step, and take it back where its gate says so."""
    from cictl.wiring.rollouts import resolved_image, wanted_release  # noqa: PLC0415 - loads the Kubernetes client

    tools = _tools(app, target, environment, namespace, context)
    wanted = wanted_release(
        tools,
        resolved_image(app, image),
        strategy=strategy,
        gate=gate,
        container=container,
        allow_gitops=allow_gitops,
    )
    _run(app, tools, tools.rollouts.plan(wanted), dry_run=dry_run)


def _run(app: App, tools: RolloutTools, plan: Plan, *, dry_run: bool) -> None:
    """Print PLAN; then, unless that was all or nothing would change, do it."""
    if dry_run or plan.is_empty:
        app.output.show(plan_document(plan))
        return
    tools.show_plan(plan)
    with tools.reporter() as reporter:
        outcome = tools.rollouts.start(plan, reporter)
    _finish(app, outcome)


@group.command()
@click.argument("target")
@place_options
@click.option("--to-revision", type=click.IntRange(min=1), help="The release to go back to.  [default: the last good]")
@dry_run_option
@output_option
@click.pass_obj
def undo(
    app: App,
    target: str,
    environment: str | None,
    namespace: str | None,
    context: str | None,
    *,
    to_revision: int | None,
    dry_run: bool,
) -> None:
    """Bring an earlier release of TARGET back at once: its image and its configuration."""
    from cictl.wiring.rollouts import undo_release  # noqa: PLC0415 - loads the Kubernetes client

    tools = _tools(app, target, environment, namespace, context)
    _run(app, tools, tools.rollouts.plan(undo_release(tools, to_revision)), dry_run=dry_run)


@group.command()
@click.argument("target")
@place_options
@click.option("--take-over", is_flag=True, help="Do not wait for who drives: write a higher token and go on.")
@output_option
@click.pass_obj
def resume(
    app: App, target: str, environment: str | None, namespace: str | None, context: str | None, *, take_over: bool
) -> None:
    """Go on with a rollout whose driver has gone."""
    tools = _tools(app, target, environment, namespace, context)
    with tools.reporter() as reporter:
        outcome = tools.rollouts.resume(tools.place.service, reporter, take_over=take_over)
    _finish(app, outcome)


@group.command()
@click.argument("target")
@place_options
@output_option
@click.pass_obj
def abort(app: App, target: str, environment: str | None, namespace: str | None, context: str | None) -> None:
    """Take the rollout that is under way back, whoever drives it."""
    tools = _tools(app, target, environment, namespace, context)
    with tools.reporter() as reporter:
        outcome = tools.rollouts.abort(tools.place.service, reporter)
    app.output.show(outcome_document(outcome))
    if outcome.reason is not Reason.BY_USER:
        raise SystemExit(outcome.exit_code)


@group.command()
@click.argument("target")
@place_options
@output_option
@click.pass_obj
def status(app: App, target: str, environment: str | None, namespace: str | None, context: str | None) -> None:
    """Show where the rollout of TARGET is and who drives it."""
    tools = _tools(app, target, environment, namespace, context)
    app.output.show(status_document(tools.status()))


@group.command()
@click.argument("target")
@place_options
@output_option
@click.pass_obj
def watch(app: App, target: str, environment: str | None, namespace: str | None, context: str | None) -> None:
    """Follow the rollout of TARGET until it ends; changes nothing."""
    tools = _tools(app, target, environment, namespace, context)
    with tools.reporter() as reporter:
        ended = tools.follow(reporter)
    app.output.show(status_document(ended))


@group.command()
@click.argument("target")
@place_options
@output_option
@click.pass_obj
def history(app: App, target: str, environment: str | None, namespace: str | None, context: str | None) -> None:
    """List the releases of TARGET that are kept, and how each ended."""
    tools = _tools(app, target, environment, namespace, context)
    app.output.show(history_document(tools.place.service, tools.store.all(tools.place.service), tools.running()))
