"""Which names one branch, tag or commit of Git can have; patterns and whatever else stands for several have none."""

from __future__ import annotations

import re

_PATTERN = re.compile(r"[*?\[]")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f~^:\\]|\.\.|@\{|//|/\.|\.lock(/|$)")
_EDGES = re.compile(r"^[-./]|[./]$|^@$|^$")


def refusal_of_revision(name: str) -> str | None:
    """Return why NAME cannot be one branch or tag, None if it can."""
    if _PATTERN.search(name):
        return "it is a pattern, and one branch is meant"
    if "$" in name:
        return "Jenkins would take what follows '$' for a variable"
    if _FORBIDDEN.search(name) or _EDGES.search(name):
        return "Git has no branch of this name"
    return None


def refusal_of_branch(name: str) -> str | None:
    """Return why NAME cannot be one branch, None if it can; it is written short, as `main`."""
    if name.startswith(("refs/", "remotes/")):
        return f"write it short, as in {name.rpartition('/')[2] or 'main'}"
    return refusal_of_revision(name)
