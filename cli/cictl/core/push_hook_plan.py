"""What an installation or a removal does to a hook that stands there, or why a person must decide."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cictl.core.push_hook import Chained, Hook, SeenHook, Token
from cictl.errors import CictlError, Conflict, NotAllowed, NotFound, UsageProblem


class Standing(StrEnum):
    """What becomes of one part, or became of it."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    RESTORED = "restored"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class InstallPlan:
    """What an installation does to each part: the hook, and what is KEPT for it, the token or the runs' settings."""

    hook: Standing
    kept: Standing
    chains: bool = False

    @property
    def standing(self) -> Standing:
        """The whole in one word."""
        if self.hook is self.kept:
            return self.hook
        return Standing.CREATED if self.hook is Standing.CREATED else Standing.CHANGED


@dataclass(frozen=True, slots=True)
class RemovalPlan:
    """What a removal does: RESTORES the chained hook, DELETES ours, or FORGETS a copy of one that is still in place."""

    restores: bool = False
    deletes: bool = False
    forgets: bool = False
    clears: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing of ours is there."""
        return not (self.restores or self.deletes or self.forgets or self.clears)

    @property
    def hook(self) -> Standing:
        """What becomes of the post-receive hook."""
        if self.restores:
            return Standing.RESTORED
        return Standing.REMOVED if self.deletes else Standing.UNCHANGED


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing is done, what to do, and the error that it becomes."""

    reason: str
    hint: str
    error: type[CictlError] = Conflict


def plan_installation(seen: SeenHook, text: str, *, has_token: bool) -> InstallPlan | Refusal:
    """Decide how TEXT becomes the hook, or say why it cannot; without a token of one's own the one there stays."""
    if refusal := host_refusal(seen, is_run=False):
        return refusal
    if seen.token is Token.ABSENT and not has_token:
        return Refusal(
            f"there is no token for Jenkins in {seen.repository}",
            "make one in Jenkins (Manage Jenkins > Security > Git plugin notifyCommit access tokens) "
            "and name its file with --token-file",
            UsageProblem,
        )
    return InstallPlan(hook_standing(seen, text), _token_standing(seen), chains=seen.is_foreign)


def plan_removal(seen: SeenHook) -> RemovalPlan | Refusal:
    """Decide how our hook goes and the one before it comes back."""
    if seen.hook is Hook.EDITED:
        return _edited(seen)
    if seen.hook is Hook.FOREIGN:
        return RemovalPlan(forgets=seen.chained is Chained.SAME, clears=seen.token is not Token.ABSENT)
    if seen.chained is not Chained.ABSENT:
        return RemovalPlan(restores=True, clears=True)
    is_ours = seen.hook is Hook.OURS
    return RemovalPlan(deletes=is_ours, clears=is_ours or seen.token is not Token.ABSENT)


def host_refusal(seen: SeenHook, *, is_run: bool) -> Refusal | None:
    """Return why no hook can be installed where SEEN was: one that runs pipelines, or one that tells Jenkins."""
    if not seen.has_curl and not is_run:
        hint = "install it there, as with apt-get install curl; the hook calls Jenkins by it"
        return Refusal(f"there is no curl where {seen.repository} is", hint, NotFound)
    if not seen.is_writable:
        hint = "sign in as the user that it belongs to; as root, give its folder hooks to that user"
        return Refusal(f"{seen.repository}, or hooks in it, is not writable for you", hint, NotAllowed)
    return _hook_refusal(seen, is_run=is_run)


def _hook_refusal(seen: SeenHook, *, is_run: bool) -> Refusal | None:
    if seen.hook is Hook.EDITED:
        return _edited(seen)
    if seen.hook is Hook.FOREIGN and seen.chained is Chained.PRESENT:
        reason = f"{seen.repository} has a post-receive hook of somebody's and another one kept from before"
        return Refusal(reason, "keep one: hooks/post-receive, or hooks/post-receive.before-cictl; move the other away")
    if seen.hook is Hook.OURS and seen.runs_pipelines is not is_run:
        does = "runs pipelines by itself" if seen.runs_pipelines else "tells Jenkins of pushes"
        return Refusal(f"cictl's hook in {seen.repository} {does}", "take it back first, by 'cictl hook remove'")
    return None


def _edited(seen: SeenHook) -> Refusal:
    hint = (
        "move what was added to hooks/post-receive.before-cictl (executable), delete hooks/post-receive, run it again"
    )
    return Refusal(f"cictl's hook in {seen.repository} was edited by hand", hint)


def hook_standing(seen: SeenHook, text: str) -> Standing:
    """Return what putting TEXT in place of the hook there is."""
    if seen.hook is not Hook.OURS:
        return Standing.CREATED
    return Standing.UNCHANGED if seen.text == text and seen.is_executable else Standing.CHANGED


def _token_standing(seen: SeenHook) -> Standing:
    if seen.token is Token.ABSENT:
        return Standing.CREATED
    return Standing.CHANGED if seen.token is Token.OTHER or seen.is_token_open else Standing.UNCHANGED
