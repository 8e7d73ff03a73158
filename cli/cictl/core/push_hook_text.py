"""The post-receive hook that tells Jenkins of a push: its text, and which settings can be none."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from urllib.parse import quote

from cictl.core.push_hook import signed

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
