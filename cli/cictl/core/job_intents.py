"""What a plan's jobs come to when it is applied: what is written, and why the others are left as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cictl.core.job_changes import changes
from cictl.core.job_marks import owner_of
from cictl.core.job_outcome import Outcome, Result
from cictl.core.job_plan import Action, ItemKey, JobPlan
from cictl.core.job_records import Intent, Steps
from cictl.core.job_shapes import standard_shape
from cictl.core.job_three_way import DISABLED, Base, PlannedField, Side
from cictl.core.job_veil import veiled
from cictl.core.job_write import CannotSend, text_to_send
from cictl.core.job_xml import parse_config

_QUIET = frozenset({Action.UNCHANGED, Action.DELETE})


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the user says beyond the plan: which jobs Git's values win in, and which are enabled again."""

    overwrites: Callable[[str], bool] = lambda _: False
    enables: Callable[[str], bool] = lambda _: False


@dataclass(frozen=True, slots=True)
class Write:
    """One write: TEXT over LIVE (None: it is created), with the fields that stay as Jenkins has them (KEPT).

    RENDERED is what Git says. AGAIN makes the text anew over another live document that says the same.
    """

    plan: JobPlan
    text: str = field(repr=False)
    rendered: str = field(repr=False)
    live: str | None = field(default=None, repr=False)
    base: Base | None = field(default=None, repr=False)
    kept: tuple[Steps, ...] = ()
    again: Callable[[str], str | CannotSend] = field(default=lambda _: CannotSend("it was changed since"), repr=False)

    @property
    def key(self) -> ItemKey:
        """What is written."""
        return self.plan.key

    @property
    def intent(self) -> Intent:
        """What is kept on record before it is sent."""
        return Intent(self.rendered, self.text, self.kept)


def write_or_reason(
    plan: JobPlan, *, live: str | None, base: Base | None, rendered: str | None, owner: str, wishes: Wishes
) -> Write | Outcome | None:
    """Return what is to be written for PLAN, why it is left, or None where there is nothing to say."""
    if plan.action in _QUIET or (plan.action is Action.FOREIGN and rendered is None):
        return None
    name = plan.key.full_name
    overwrite, enable = wishes.overwrites(name), wishes.enables(name)
    if plan.action is Action.FOREIGN:
        return Outcome(plan.key, Result.CONFLICT, plan.refusal or "; ".join(plan.notes))
    if enable and plan.is_disabled_by_hand:
        overwrite = overwrite or not _edits(plan)

    def text_over(there: str | None) -> str | CannotSend:
        return text_to_send(plan, base=base, live=there, owner=owner, overwrite=overwrite, enable=enable)

    text = text_over(live)
    if isinstance(text, CannotSend):
        result = Result.LEFT if plan.action is Action.DRIFTED and not plan.refusal else Result.CONFLICT
        return Outcome(plan.key, result, _reason(plan, text))
    kept = () if overwrite else tuple(each.steps for each in _edits(plan))
    return Write(plan, text, rendered or "", live, base, kept, text_over)


def is_done(write: Write, there: str, latest: Base | None) -> bool:
    """Whether what is THERE, config.xml, is what WRITE would leave: another run, which planned the same, has done it.

    LATEST is our last write of that job as it is on record now: what Jenkins made of the very same is the same, too,
    where that differs from what was sent. Raises MalformedConfig.
    """
    sent, found = parse_config(write.text), parse_config(there)
    if owner_of(found.text_of("description")) != owner_of(sent.text_of("description")):
        return False
    if standard_shape(sent).tag != standard_shape(found).tag:
        return False
    if not changes(sent, found):
        return True
    is_same_wish = latest is not None and not write.kept and latest.sent == veiled(write.rendered)
    return is_same_wish and latest is not None and not changes(parse_config(latest.saved), parse_config(veiled(there)))


def _edits(plan: JobPlan) -> tuple[PlannedField, ...]:
    """Return the fields that only Jenkins moved, but for a job being disabled, which is carried over apart."""
    apart = {DISABLED} if plan.is_disabled_by_hand else set()
    return tuple(each for each in plan.fields if each.side is Side.JENKINS and each.steps not in apart)


def _reason(plan: JobPlan, text: CannotSend) -> str:
    if plan.refusal:
        return plan.refusal
    if plan.action is not Action.DRIFTED:
        return f"{text.reason}; --overwrite {plan.key.full_name} lets Git win"
    if plan.is_disabled_by_hand and not _edits(plan):
        return f"disabled in Jenkins; --enable {plan.key.full_name} lets it build again"
    return f"edited in Jenkins; --overwrite {plan.key.full_name} takes that back"


def renewed_bases(
    plans: Mapping[ItemKey, JobPlan], live: Mapping[ItemKey, str], rendered: Mapping[ItemKey, str]
) -> dict[ItemKey, Base]:
    """Return the bases of jobs that nothing is written to and whose record is missing or old."""
    return {
        key: Base(rendered[key], live[key])
        for key, plan in plans.items()
        if plan.renews_base and key in live and key in rendered
    }
