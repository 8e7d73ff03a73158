"""Results of promotion, for people and for machines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cictl.commands.rollout_documents import plan_document
from cictl.core.commits import SHORT_COMMIT
from cictl.core.plan import plan_lines
from cictl.output import Document

if TYPE_CHECKING:
    from cictl.core.commits import Commit
    from cictl.core.past_releases import PastRelease
    from cictl.core.plan import Plan
    from cictl.core.record import ReleaseRecord
    from cictl.core.wanted import Wanted
    from cictl.services.promotion import Promotion


def promotion_document(promotion: Promotion, plan: Plan) -> Document:
    """Return what a promotion would do."""
    inner = plan_document(plan)
    data = {**inner.data, **_data(promotion, plan.record)}
    return Document("PromotionPlan", data, names=inner.names, text="\n".join(promotion_lines(promotion, plan)))


def resumption_document(promotion: Promotion, wanted: Wanted) -> Document:
    """Return what a promotion that was left on its way would go on with: no plan, since that was made when it began."""
    data = {
        "service": wanted.service,
        "image": wanted.image,
        "empty": False,
        "underWay": True,
        **_data(promotion, wanted),
    }
    text = f"{wanted.service}: {promotion.release.label} is on its way already"
    return Document("PromotionResumption", data, names=(wanted.service,), text=text)


def _data(promotion: Promotion, of: ReleaseRecord | Wanted) -> dict[str, object]:
    """Return what is said OF each promotion, one that begins and one that goes on."""
    commits, back = promotion.commits, promotion.returns_to
    return {
        "promotedFrom": of.promoted_from,
        "approvedBy": of.approved_by,
        "approvers": list(promotion.approvers),
        "verdict": promotion.release.health,
        "commit": promotion.release.commit,
        "commits": None if commits is None else [_commit_data(each) for each in commits],
        "undoReturnsTo": None if back is None else {"release": back.revision, "image": back.image},
    }


def promotion_lines(promotion: Promotion, plan: Plan) -> Iterator[str]:
    """Yield the promotion for people, and then the rollout that it is; one line where nothing would change."""
    if plan.is_empty:
        yield str(plan_document(plan).text)
        return
    yield f"{plan.record.service}: {promotion.source}'s {promotion.release.label} → {plan.record.environment}"
    yield _proof_line(promotion)
    yield from _commit_lines(promotion)
    yield f"  undo      would bring back {_name(promotion.returns_to)}"
    if plan.record.approved_by:
        yield f"  approved  by {plan.record.approved_by}"
    elif promotion.approvers:
        yield f"  approval  by one of {', '.join(promotion.approvers)}"
    yield from plan_lines(plan)


def _proof_line(promotion: Promotion) -> str:
    """Say what its environment knows of the release, in the word that `cictl releases` has for it."""
    release = promotion.release
    since = "" if release.ended is None else f" since {datetime.fromtimestamp(release.ended, UTC):%F %T}Z"
    what = f"{promotion.source} release {release.revision}"
    if release.health == "healthy":
        return f"  proven    {what}, healthy{since}"
    return f"  {release.health:<9} {what}, there{since}; no gate judged it"


def _commit_lines(promotion: Promotion) -> Iterator[str]:
    if promotion.commits is None:
        yield f"  commits   {(promotion.release.commit or 'unknown')[:SHORT_COMMIT]}; what is new in it cannot be told"
        return
    yield f"  commits   {len(promotion.commits) or 'none'} that {'were' if promotion.commits else 'was'} not there yet"
    for commit in promotion.commits:
        yield f"            {commit}"


def _name(release: PastRelease | None) -> str:
    return "nothing: it is the first release there" if release is None else release.label


def _commit_data(commit: Commit) -> dict[str, str]:
    return {"id": commit.id, "author": commit.author, "email": commit.email, "subject": commit.subject}
