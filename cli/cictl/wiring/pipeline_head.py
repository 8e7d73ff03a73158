"""What a local run builds: a branch, a tag or a change request, and what is new in it."""

from __future__ import annotations

from dataclasses import dataclass

from cictl.clients.working_tree import Changes, WorkingTree, find_changes, tag_time
from cictl.core.pipeline_change import ChangeRequest, tag_variables


@dataclass(frozen=True, slots=True)
class Head:
    """What the command line says is built; without a word it is the branch that is checked out."""

    branch: str | None = None
    tag: str | None = None
    change_request: ChangeRequest | None = None

    def variables(self, tree: WorkingTree | None) -> dict[str, str]:
        """Return Jenkins' variables of it."""
        if self.tag is not None:
            return tag_variables(self.tag, tag_time(tree, self.tag) if tree is not None else None)
        branch = self.branch or (tree.branch if tree is not None else None)
        if self.change_request is not None:
            return self.change_request.variables(branch=branch)
        return {} if branch is None else {"BRANCH_NAME": branch, "GIT_BRANCH": branch}

    def changes(self, tree: WorkingTree | None) -> Changes:
        """Return what is new: in a change request all of its commits, as in Jenkins, else the last one."""
        request = self.change_request
        target = request.target if request is not None else None
        found = find_changes(tree, target) if tree is not None else None
        return found or Changes((), ())
