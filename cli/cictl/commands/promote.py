"""Promote what ran healthy in one environment into the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cictl.commands.options import dry_run_option, gathered, output_option
from cictl.errors import UsageProblem

if TYPE_CHECKING:
    from cictl.core.wanted import Wanted
    from cictl.services.promotion import Asked, Promotion
    from cictl.wiring.app import App
    from cictl.wiring.rollouts import RolloutTools


def _asked(
    *,
    revision: int | None,
    digest: str | None,
    allow_older: bool,
    approved_by: str | None,
    plan_only: bool,
    dry_run: bool,
) -> Asked:
    from cictl.services.promotion import Asked  # noqa: PLC0415 - not for --help

    if revision is not None and digest is not None:
        raise UsageProblem("--release and --digest name a release each", hint="pass one of them")
    return Asked(revision, digest, allow_older, approved_by, is_only_planned=plan_only or dry_run)


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
@gathered("asked", _asked)
@click.pass_obj
def command(app: App, *, service: str, environment: str, asked: Asked, resume_left: bool) -> None:
    """Release into an environment, by digest, what ran healthy in the one that it comes after.

    The configuration is that of the same commit. Nothing is built again, and no tag is looked at.
    """
    from cictl.wiring.promotion import PromotionTools  # noqa: PLC0415 - loads clients

    tools = PromotionTools(app, service, environment)
    promotion = tools.judge(asked)
    wanted = tools.wanted(promotion, asked.approved_by)
    if resume_left and tools.target.rollouts.is_under_way(wanted):
        app.output.line(f"{service}: a rollout of {wanted.image} is under way in {environment}; going on with it")
        _go_on(app, tools.target, promotion, wanted, is_only_planned=asked.is_only_planned)
    else:
        _start(app, tools.target, promotion, wanted, is_only_planned=asked.is_only_planned)
    if promotion.refused is not None:
        raise promotion.refused


def _go_on(app: App, tools: RolloutTools, promotion: Promotion, wanted: Wanted, *, is_only_planned: bool) -> None:
    from cictl.commands.promotion_documents import resumption_document  # noqa: PLC0415 - as above
    from cictl.commands.rollout import go_on  # noqa: PLC0415 - as above

    if is_only_planned:
        app.output.show(resumption_document(promotion, wanted))
        return
    go_on(app, tools, take_over=False)


def _start(app: App, tools: RolloutTools, promotion: Promotion, wanted: Wanted, *, is_only_planned: bool) -> None:
    from cictl.commands.promotion_documents import promotion_document, promotion_lines  # noqa: PLC0415 - as above
    from cictl.commands.rollout import finish  # noqa: PLC0415 - as above

    plan = tools.rollouts.plan(wanted)
    is_end = is_only_planned or plan.is_empty
    if not (is_end and app.output.is_for_people):
        for line in promotion_lines(promotion, plan):
            app.output.line(line)  # also beside JSON, for who reads the log before approving
    if is_end:
        app.output.show(promotion_document(promotion, plan))
        return
    with tools.reporter() as reporter:
        outcome = tools.rollouts.start(plan, reporter)
    finish(app, outcome)
