"""Promote what ran healthy in one environment into the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cictl.commands.options import dry_run_option, output_option
from cictl.errors import UsageProblem

if TYPE_CHECKING:
    from cictl.wiring.app import App


@click.command(name="promote")
@click.argument("service")
@click.option("--to", "environment", required=True, help="The environment to promote into.")
@click.option("--release", "revision", type=click.IntRange(min=1), help="Which release.  [default: the one that runs]")
@click.option("--digest", help="The release with this image, as sha256:….")
@click.option("--allow-older", is_flag=True, help="Even though a newer release runs there.")
@click.option("--approved-by", metavar="WHO", help="Who approved it, as Jenkins calls them; kept with the release.")
@click.option("--resume", "resume_left", is_flag=True, help="Go on with a promotion of it that was left on its way.")
@click.option("--plan", "plan_only", is_flag=True, help="The same as --dry-run.")
@dry_run_option
@output_option
@click.pass_obj
def command(
    app: App,
    *,
    service: str,
    environment: str,
    revision: int | None,
    digest: str | None,
    allow_older: bool,
    approved_by: str | None,
    resume_left: bool,
    plan_only: bool,
    dry_run: bool,
) -> None:
    """Release into an environment, by digest, what ran healthy in the one that it comes after.

    The configuration is that of the same commit. Nothing is built again, and no tag is looked at.
    """
    from cictl.commands.promotion_documents import (  # noqa: PLC0415 - loads clients
        promotion_document,
        promotion_lines,
        resumption_document,
    )
    from cictl.commands.rollout import finish, go_on  # noqa: PLC0415
    from cictl.services.promotion import Asked  # noqa: PLC0415
    from cictl.wiring.promotion import PromotionTools  # noqa: PLC0415

    if revision is not None and digest is not None:
        raise UsageProblem("--release and --digest name a release each", hint="pass one of them")
    tools = PromotionTools(app, service, environment)
    is_only_planned = plan_only or dry_run
    promotion = tools.judge(Asked(revision, digest, allow_older, approved_by, is_only_planned))
    rollouts, wanted = tools.target.rollouts, tools.wanted(promotion, approved_by)
    if resume_left and rollouts.is_under_way(wanted):
        app.output.line(f"{service}: a rollout of {wanted.image} is under way in {environment}; going on with it")
        if is_only_planned:
            app.output.show(resumption_document(promotion, wanted))
            return
        go_on(app, tools.target, take_over=False)
    plan = rollouts.plan(wanted)
    is_end = is_only_planned or plan.is_empty
    if not (is_end and app.output.is_for_people):
        for line in promotion_lines(promotion, plan):
            app.output.line(line)  # also beside JSON, for who reads the log before approving
    if is_end:
        app.output.show(promotion_document(promotion, plan))
        return
    with tools.target.reporter() as reporter:
        outcome = rollouts.start(plan, reporter)
    finish(app, outcome)
