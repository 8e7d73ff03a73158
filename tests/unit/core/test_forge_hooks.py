"""What to enter at forges."""

from __future__ import annotations

import pytest

from cictl.core.forge_hooks import Forge, forge_hook, notify_url


@pytest.mark.parametrize(
    ("forge", "url", "plugin"),
    [
        (Forge.GITHUB, "https://ci.example.com/jenkins/github-webhook/", "github"),
        (Forge.GITLAB, "https://ci.example.com/jenkins/gitlab-webhook/post", "gitlab-branch-source"),
        (Forge.GITEA, "https://ci.example.com/jenkins/gitea-webhook/post", "gitea"),
    ],
)
@pytest.mark.parametrize("base", ["https://ci.example.com/jenkins", "https://ci.example.com/jenkins/"])
def test_addresses_keep_the_prefix(forge: Forge, url: str, plugin: str, base: str) -> None:
    entry = forge_hook(forge, jenkins=base)
    assert (entry.forge, entry.url, entry.plugin) == (forge, url, plugin)
    assert all((entry.events, entry.secret, entry.where))


def test_the_address_for_plain_git() -> None:
    url = notify_url(jenkins="http://ci/", repository_url="git@host:a b.git")
    assert url == "http://ci/git/notifyCommit?url=git%40host%3Aa%20b.git&token=TOKEN"
