"""The Git repositories that a test pushes to: branches and their commits, no content."""

from __future__ import annotations

from tests.fake_jenkins.xml_tree import Node


def same_repository(one: str, other: str) -> bool:
    """Say whether two URLs are the same to the git plugin: `.git` and a slash at the end don't matter."""
    return _bare(one) == _bare(other)


def _bare(url: str) -> str:
    return url.rstrip("/").removesuffix(".git").rstrip("/")


class Repositories:
    def __init__(self) -> None:
        self._branches: dict[str, dict[str, str]] = {}

    def push(self, url: str, branch: str, commit: str) -> None:
        self._branches.setdefault(_bare(url), {})[branch] = commit

    def delete(self, url: str, branch: str) -> None:
        self._branches.get(_bare(url), {}).pop(branch, None)

    def branches(self, url: str) -> dict[str, str] | None:
        """Return the branches and their commits, or None if there is no such repository."""
        return self._branches.get(_bare(url))

    def head_of(self, url: str, configuration: Node) -> str | None:
        """Return the commit of the branch that a job's configuration names."""
        specs = [each.text_of("name") or "" for each in configuration.all("hudson.plugins.git.BranchSpec")]
        branches = self.branches(url) or {}
        return next((branches[name] for spec in specs if (name := spec.removeprefix("*/")) in branches), None)
