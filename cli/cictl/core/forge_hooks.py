"""What to enter at a forge so that it tells Jenkins of a push: address, events, secret, and the plugin that listens."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote


class Forge(StrEnum):
    """Who keeps the repository."""

    GITHUB = "github"
    GITLAB = "gitlab"
    GITEA = "gitea"


@dataclass(frozen=True, slots=True)
class ForgeHook:
    """One web hook: `where` it is entered, and Jenkins' `plugin` (its id) that the address belongs to."""

    forge: Forge
    where: str
    url: str
    content_type: str
    events: tuple[str, ...]
    secret: str
    plugin: str
    note: str


def forge_hook(forge: Forge, *, jenkins: str) -> ForgeHook:
    """Return what to enter at FORGE for jobs whose source is of that forge; JENKINS is its base address."""
    base = jenkins.rstrip("/")
    return {Forge.GITHUB: _github, Forge.GITLAB: _gitlab, Forge.GITEA: _gitea}[forge](base)


def notify_url(*, jenkins: str, repository_url: str) -> str:
    """Return the address that tells the Git plugin of REPOSITORY_URL; TOKEN in it stands for the access token.

    Any forge may POST to it, whatever the body, and it works for jobs with plain Git, too.
    """
    return f"{jenkins.rstrip('/')}/git/notifyCommit?url={quote(repository_url, safe='')}&token=TOKEN"


def _github(base: str) -> ForgeHook:
    return ForgeHook(
        Forge.GITHUB,
        where="Settings > Webhooks of the repository or organization",
        url=f"{base}/github-webhook/",  # without the slash Jenkins redirects, and GitHub follows no redirect
        content_type="application/json",
        events=("Pushes", "Pull requests", "Branch or tag deletion"),
        secret="the shared secret of Manage Jenkins > System > GitHub; empty if there is none",  # noqa: S106 - where it is
        plugin="github",
        note="multibranch jobs of GitHub need the plugin github-branch-source, too",
    )


def _gitlab(base: str) -> ForgeHook:
    return ForgeHook(
        Forge.GITLAB,
        where="Settings > Webhooks of the project or group",
        url=f"{base}/gitlab-webhook/post",
        content_type="application/json",
        events=("Push events", "Tag push events", "Merge request events"),
        secret="the secret token of the server in Manage Jenkins > System > GitLab; without one 401",  # noqa: S106 - where
        plugin="gitlab-branch-source",
        note="jobs of the older gitlab-plugin listen at /project/JOB instead, each with a secret of its own",
    )


def _gitea(base: str) -> ForgeHook:
    return ForgeHook(
        Forge.GITEA,
        where="Settings > Webhooks > Gitea of the repository or organization, with the method POST",
        url=f"{base}/gitea-webhook/post",
        content_type="application/json",
        events=("Push", "Create", "Delete", "Pull request", "Pull request synchronized"),
        secret="none: the plugin does not check one",  # noqa: S106 - says that there is none
        plugin="gitea",
        note="Gitea calls only hosts that ALLOWED_HOST_LIST in [webhook] of its app.ini permits",
    )
