"""What a local run knows of what it builds: Jenkins' variables of it, and what is new in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.clients.working_tree import Changes, WorkingTree, find_changes, tag_time
from cictl.core.pipeline_change import tag_variables

if TYPE_CHECKING:
    from cictl.wiring.pipeline_wishes import Head


def head_variables(head: Head, tree: WorkingTree | None) -> dict[str, str]:
    """Return Jenkins' variables of HEAD, which is in TREE."""
    if head.tag is not None:
        return tag_variables(head.tag, tag_time(tree, head.tag) if tree is not None else None)
    branch = head.branch or (tree.branch if tree is not None else None)
    if head.change_request is not None:
        return head.change_request.variables(branch=branch)
    return {} if branch is None else {"BRANCH_NAME": branch, "GIT_BRANCH": branch}


def head_changes(head: Head, tree: WorkingTree | None) -> Changes:
    """Return what is new in HEAD: in a change request all of its commits, as in Jenkins, else the last one."""
    request = head.change_request
    target = request.target if request is not None else None
    found = find_changes(tree, target) if tree is not None else None
    return found or Changes((), ())
