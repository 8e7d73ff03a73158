"""Whether a release may go from one environment into the next: what ran there, how long, and what is against it.

Nothing here reads a cluster, a registry, Git or a clock: all that is known comes in one `Case`, and each refusal says
the way out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cictl.core.freeze import Freeze, frozen_by
from cictl.core.past_releases import WITHOUT_VERDICT, Past, PastRelease
from cictl.core.quantities import format_duration
from cictl.core.rollout_state import Phase
from cictl.core.spelling import suggestion

_SHORT_DIGEST = 19


class Obstacle(StrEnum):
    """Why a release is not promoted."""

    NOT_FOUND = "not-found"
    UNCOMMITTED = "uncommitted"
    UNHEALTHY = "unhealthy"
    UNPROVEN = "unproven"
    TOO_YOUNG = "too-young"
    IMAGE_GONE = "image-gone"
    OLDER = "older"
    FROZEN = "frozen"
    NOT_PERMITTED = "not-permitted"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What stands against it, and the way out."""

    obstacle: Obstacle
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Approval:
    """Who may promote into an environment, by the names that Jenkins knows them by; nobody named: everybody may.

    `people` maps those names to Git e-mail addresses; who is not in it approves nothing. With `four_eyes` the author of
    the newest commit is not enough.
    """

    by: tuple[str, ...] = ()
    four_eyes: bool = False
    people: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_needed(self) -> bool:
        """Whether somebody must be named."""
        return bool(self.by) or self.four_eyes


@dataclass(frozen=True, slots=True)
class Rules:
    """What an environment asks of a release that is to come in; `soak_seconds` is the time that it ran before."""

    environment: str
    soak_seconds: float = 0.0
    freezes: tuple[Freeze, ...] = ()
    approval: Approval = field(default_factory=Approval)


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known when a promotion is asked for; `now` in seconds since the epoch by the API server.

    `is_older` is what Git says of the candidate and what runs in the target, None where it cannot tell; `authors` are
    the e-mail addresses of the newest commit that comes in, None where nobody knows; `approved_by` may be missing.
    """

    now: float
    source: Past
    target: Past
    candidate: PastRelease
    has_image: bool = True
    is_older: bool | None = None
    authors: Collection[str] | None = None
    approved_by: str | None = None


def choose(source: Past, *, revision: int | None = None, digest: str | None = None) -> PastRelease | Refusal:
    """Return the release of SOURCE that is meant: by number, by digest, else the one that runs."""
    where = source.environment
    listed = f"'cictl releases' shows what is in {where}"
    if revision is not None:
        found = source.get(revision)
        return found or Refusal(Obstacle.NOT_FOUND, f"there is no release {revision} in {where}", listed)
    if digest is not None:
        same = [each for each in source.releases if each.digest == digest]
        healthy = [each for each in same if each.outcome is Phase.SUCCEEDED]
        if chosen := (healthy or same):
            return chosen[-1]
        short = digest[:_SHORT_DIGEST]
        return Refusal(Obstacle.NOT_FOUND, f"{short} never ran in {where}", f"roll it out there first; {listed}")
    running = source.get(source.running)
    if running is None:
        hint = f"roll it out there with 'cictl rollout start --env {where}', or name one with --release"
        return Refusal(Obstacle.NOT_FOUND, f"no release that cictl knows runs in {where}", hint)
    return running


def refusals(
    case: Case, rules: Rules, *, allow_older: bool = False, is_only_planned: bool = False
) -> tuple[Refusal, ...]:
    """Return everything that stands against promoting the candidate of CASE into the environment of RULES."""
    found = [_uncommitted(case), _unproven(case), _too_young(case, rules), _image_gone(case)]
    found += [None if allow_older else _older(case), _frozen(case, rules)]
    is_unasked = is_only_planned and not case.approved_by  # who is to approve wants to see the plan first
    permission = () if is_unasked else _not_permitted(case, rules.approval)
    return (*(each for each in found if each is not None), *permission)


def _uncommitted(case: Case) -> Refusal | None:
    """Return why nobody can know what is in the candidate, and what configuration belongs to it."""
    release, where = case.candidate, case.source.environment
    if not release.is_dirty:
        return None
    message = f"{release.label} was built from files that nobody committed"
    return Refusal(Obstacle.UNCOMMITTED, message, f"commit them, build the image again, and roll it out in {where}")


def _unproven(case: Case) -> Refusal | None:
    """Return why nobody can say that the candidate ran healthy; an undo is as healthy as what it brought back."""
    where, release = case.source.environment, case.candidate
    if release.outcome is None:
        hint = f"wait for it: 'cictl rollout watch --env {where}'"
        return Refusal(Obstacle.UNPROVEN, f"{release.label} is still being rolled out in {where}", hint)
    proof = release
    if release.undo_of is not None and release.outcome is Phase.SUCCEEDED:
        proof = case.source.get(release.undo_of) or release
    if proof.outcome is not Phase.SUCCEEDED:
        outcome = proof.outcome.value if proof.outcome else "unfinished"
        message = f"{release.label} was not healthy in {where}: {outcome}{f', {proof.why}' if proof.why else ''}"
        return Refusal(Obstacle.UNHEALTHY, message, f"mend it, and roll it out in {where} again")
    if proof.reason in WITHOUT_VERDICT:
        message = f"{release.label} came into {where} without a verdict: {proof.why or proof.reason}"
        return Refusal(Obstacle.UNPROVEN, message, f"roll it out in {where} again, with traffic")
    return None


def _too_young(case: Case, rules: Rules) -> Refusal | None:
    ran, where = soaked_seconds(case), case.source.environment
    if case.candidate.outcome is not Phase.SUCCEEDED or ran >= rules.soak_seconds:
        return None
    wanted = format_duration(rules.soak_seconds)
    message = f"{case.candidate.label} ran in {where} for {format_duration(float(int(ran)))}, {wanted} are asked for"
    if case.source.running == case.candidate.revision:
        hint = f"try again in {format_duration(float(int(rules.soak_seconds - ran) + 1))}"
    else:
        hint = f"it runs there no more: roll it out in {where} again, or take the one that runs"
    return Refusal(Obstacle.TOO_YOUNG, message, hint)


def soaked_seconds(case: Case) -> float:
    """Return how long the candidate ran in its environment after its rollout: until now, or until the next came in."""
    release = case.candidate
    if release.ended is None:
        return 0.0
    if case.source.running == release.revision:
        return max(0.0, case.now - release.ended)
    later = [each.began for each in case.source.releases if each.revision > release.revision]
    return max(0.0, min([case.now, *later]) - release.ended)


def _image_gone(case: Case) -> Refusal | None:
    if case.has_image:
        return None
    message = f"the registry has {case.candidate.image} no more"
    return Refusal(Obstacle.IMAGE_GONE, message, "build its commit again, and begin in the first environment")


def _older(case: Case) -> Refusal | None:
    """Return what is newer in the target: by Git, else by the numbers, where an undo counts as what it brought back."""
    running, where = case.target.get(case.target.running), case.target.environment
    if running is None or running.digest == case.candidate.digest:
        return None
    if not (_is_numbered_older(case, running) if case.is_older is None else case.is_older):
        return None
    message = f"{where} runs a newer one: {running.label}, and {case.candidate.label} is older"
    hint = f"to go back, 'cictl rollout undo --env {where}'; or insist with --allow-older"
    return Refusal(Obstacle.OLDER, message, hint)


def _is_numbered_older(case: Case, running: PastRelease) -> bool:
    known = [each.undo_of or each.revision for each in case.source.releases if each.digest == running.digest]
    return bool(known) and max(known) > (case.candidate.undo_of or case.candidate.revision)


def _frozen(case: Case, rules: Rules) -> Refusal | None:
    window = frozen_by(rules.freezes, case.now)
    if window is None:
        return None
    message = f"{rules.environment} is frozen, {window.text}: {window.reason}"
    return Refusal(Obstacle.FROZEN, message, "wait; who must go on now changes `freeze` in cictl.yaml, by review")


def _not_permitted(case: Case, approval: Approval) -> Iterator[Refusal]:
    if not approval.is_needed:
        return
    who, where = case.approved_by, case.target.environment
    if not who:
        hint = "pass --approved-by, as the promote job does"
        yield Refusal(Obstacle.NOT_PERMITTED, f"promoting into {where} needs somebody's approval", hint)
        return
    if approval.by and who not in approval.by:
        names = ", ".join(approval.by)
        yield Refusal(Obstacle.NOT_PERMITTED, f"{who} may not promote into {where}", f"ask one of: {names}")
    mail = approval.people.get(who)
    if mail is None:
        hint = f"write it in cictl.yaml, under people: {who}; {suggestion(who, approval.people)}"
        yield Refusal(Obstacle.NOT_PERMITTED, f"nobody knows the Git address of {who}", hint)
    elif approval.four_eyes:
        yield from _same_eyes(case, who, mail)


def _same_eyes(case: Case, who: str, mail: str) -> Iterator[Refusal]:
    """Yield why WHO, whose address is MAIL, cannot be a second pair of eyes; not to know is not to be one."""
    if case.authors is None:
        message = f"nobody knows who wrote {case.candidate.label}, so {who} may be its author"
        yield Refusal(Obstacle.NOT_PERMITTED, message, "fetch its commit into the service's repository here")
    elif mail.casefold() in {author.casefold() for author in case.authors}:
        message = f"{who} wrote {case.candidate.label}, and cannot approve it alone"
        yield Refusal(Obstacle.NOT_PERMITTED, message, "ask somebody else: four eyes are asked for")


def doubts(case: Case) -> tuple[str, ...]:
    """Return what could not be found out and yet does not stand against it."""
    running = case.target.get(case.target.running)
    known = running is None or any(each.digest == running.digest for each in case.source.releases)
    if not known and case.is_older is None:
        return (f"whether {case.target.environment} runs a newer one cannot be told: it never ran before, nor in Git",)
    return ()
