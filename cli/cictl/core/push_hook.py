"""The post-receive hook that tells Jenkins of a push: its text, and what is to be done where one stands already."""

from __future__ import annotations

import hashlib
import re
import shlex
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from cictl.errors import CictlError, Conflict, NotAllowed, NotFound, UsageProblem

_MARK = "# cictl push trigger 1 sha256:"
_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:\[\]!$&'()*+,;=%/-]+")
_WORKERS = 4  # requests at a time: hundreds of refs are soon told, and Jenkins is not flooded
_LOG_BYTES = 100_000  # kept twice: the log and the one before


@dataclass(frozen=True, slots=True)
class HookSettings:
    """What a hook calls: JENKINS is its base address, REPOSITORY_URL the repository as Jenkins' jobs name it."""

    jenkins: str
    repository_url: str
    deadline_seconds: int = 600
    request_seconds: int = 60
    first_pause_seconds: int = 1
    longest_pause_seconds: int = 30


class Standing(StrEnum):
    """What becomes of one part, or became of it."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    RESTORED = "restored"
    ABSENT = "absent"


class Hook(StrEnum):
    """Whose post-receive hook it is."""

    ABSENT = "absent"
    OURS = "ours"
    EDITED = "edited"  # ours, changed by hand
    FOREIGN = "foreign"


class Chained(StrEnum):
    """The hook that was there before, kept aside: SAME where it is also still in place."""

    ABSENT = "absent"
    SAME = "same"
    PRESENT = "present"


class Token(StrEnum):
    """The token's file, compared with the token that was given; PRESENT where none was."""

    ABSENT = "absent"
    SAME = "same"
    OTHER = "other"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class SeenHook:
    """What a look at one repository found; `text` is that of a hook of ours, None of any other."""

    repository: str
    hook: Hook = Hook.ABSENT
    text: str | None = None
    is_executable: bool = False
    chained: Chained = Chained.ABSENT
    token: Token = Token.ABSENT
    is_token_open: bool = False
    has_curl: bool = True
    is_writable: bool = True
    is_strangers: bool = False
    log: tuple[str, ...] = ()

    @property
    def is_foreign(self) -> bool:
        """Whether somebody else's hook is there."""
        return self.hook is Hook.FOREIGN

    @property
    def runs_pipelines(self) -> bool:
        """Whether a hook of ours is there that runs pipelines by itself."""
        return "runs" in installed_settings(self.text or "")


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


def settings_problem(settings: HookSettings) -> str | None:
    """Return what is wrong with SETTINGS, None if nothing is: they become lines of a shell script and of curl's."""
    if not _ADDRESS.fullmatch(settings.jenkins):
        return f"{settings.jenkins!r} is no address of a Jenkins; write http://host:port/prefix, without user or query"
    if not settings.repository_url or not settings.repository_url.isprintable():
        return f"{settings.repository_url!r} is no URL of a repository"
    if re.match(r"[a-z+]+://[^/@]*:[^/@]*@", settings.repository_url):
        return "the repository's URL holds a password; Jenkins compares host and path alone, so leave it out"
    return None


def hook_text(body: str, settings: HookSettings) -> str:
    """Return the hook: BODY with SETTINGS before it, under a digest by which edits are seen."""
    values = {
        "jenkins": settings.jenkins.rstrip("/"),
        "repository": quote(settings.repository_url, safe=""),
        "deadline_seconds": settings.deadline_seconds,
        "request_seconds": settings.request_seconds,
        "first_pause_seconds": settings.first_pause_seconds,
        "longest_pause_seconds": settings.longest_pause_seconds,
        "workers": _WORKERS,
        "log_bytes": _LOG_BYTES,
    }
    rest = (
        "# Tells Jenkins of each push, in the background. 'cictl hook install' wrote it, 'cictl hook remove' takes it\n"
        "# back; what is to run besides belongs into post-receive.before-cictl.\n"
        f"# jenkins: {settings.jenkins.rstrip('/')}\n"
        f"# repository: {settings.repository_url}\n"
        + "".join(f"{name}={shlex.quote(str(value))}\n" for name, value in values.items())
        + body
    )
    return signed(rest)


def signed(text: str) -> str:
    """Return the shell script TEXT under a digest by which edits are seen."""
    return f"#!/bin/sh\n{_MARK}{_digest(text)}\n{text}"


def whose(text: str) -> Hook:
    """Return whose a hook with our mark is: ours, or edited since."""
    _, mark, rest = (*text.split("\n", 2), "", "")[:3]
    return Hook.OURS if mark == f"{_MARK}{_digest(rest)}" else Hook.EDITED


def installed_settings(text: str) -> dict[str, str]:
    """Return what a hook of ours does: it calls `jenkins` with `repository`, or it `runs` into that folder."""
    return dict(re.findall(r"^# (jenkins|repository|runs): (.*)$", text, flags=re.MULTILINE))


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
        return Refusal(
            f"{seen.repository} is not writable for you", "sign in as the user that it belongs to", NotAllowed
        )
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


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
