"""Which job a user means: a service's, or any; and of a multibranch project which branch's. It makes none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cictl.core.jenkins_builds import Branch, BuildableJob
from cictl.core.jenkins_items import Item
from cictl.core.job_names import branch_item
from cictl.core.spelling import nearest
from cictl.errors import NotFound, UsageProblem

_USUAL_BRANCHES = ("main", "master", "trunk")
_NAMED = 10


class Jobs(Protocol):
    """The jobs of one Jenkins."""

    def job(self, full_name: str) -> BuildableJob:
        """Return the job, or what holds jobs; NotFound if it is not there."""


class Branches(Protocol):
    """The multibranch projects of one Jenkins."""

    def branches(self, full_name: str) -> tuple[Branch, ...]:
        """Return the branches that the project knows."""


@dataclass(frozen=True, slots=True)
class NamedJob:
    """What a user named: the job's full name, and the SERVICE if it is one's."""

    full_name: str
    service: str | None = None

    @property
    def words(self) -> str:
        """The words that name it on a command line."""
        return self.service or f"--job {self.full_name}"


@dataclass(frozen=True, slots=True)
class JobFinder:
    """Finds jobs of one Jenkins."""

    jobs: Jobs
    branches: Branches

    def find(self, named: NamedJob, branch: str | None = None) -> str:
        """Return the full name of the job that is built: that of BRANCH, or of the main one, in a multibranch project.

        NotFound if it is not there; UsageProblem where the main branch cannot be told, or nothing there is built.
        """
        item = self.item(named)
        if item.is_computed:
            return self._branch(item, named, branch).full_name
        if item.is_folder:
            raise UsageProblem(f"{named.full_name} is a folder, and has no builds", hint="name a job in it with --job")
        if branch is not None:
            hint = "leave --branch out; a parameter may say what to build"
            raise UsageProblem(f"{named.full_name} has no branches: it is no multibranch project", hint=hint)
        return item.full_name

    def item(self, named: NamedJob) -> Item:
        """Return what is there under that name, as Jenkins spells it."""
        try:
            job = self.jobs.job(named.full_name)
        except NotFound as error:
            # What Jenkins hides from this user looks the same.
            make = "'cictl jobs apply' makes it; " if named.service else "check the name; "
            hint = f"{make}Jenkins also hides what the user may not see (Job/Read)"
            raise NotFound(f"Jenkins has no job {named.full_name}", hint=hint) from error
        return Item(job.full_name, job.class_name)

    def project(self, named: NamedJob) -> Item:
        """Return the multibranch project; UsageProblem for what has no branches to scan for."""
        item = self.item(named)
        if not item.is_computed:
            hint = "only multibranch projects scan a repository; start this one with 'cictl build start'"
            raise UsageProblem(f"{named.full_name} is no multibranch project", hint=hint)
        return item

    def _branch(self, item: Item, named: NamedJob, wanted: str | None) -> Branch:
        known = self.branches.branches(item.full_name)
        scan = f"'cictl build scan {named.words}' looks for new branches"
        if wanted is None:
            return self._main(named, known, scan)
        for is_it in (lambda each: each.name in {wanted, branch_item(wanted)}, lambda each: each.shown_as == wanted):
            if found := next(filter(is_it, known), None):
                return found
        close = nearest(wanted, [each.shown_as for each in known])
        meant = f"did you mean {close!r}? " if close else ""
        message = f"{named.full_name} knows no branch {wanted!r}"
        raise NotFound(message, hint=f"{meant}it needs a Jenkinsfile in Git, and {scan}")

    def _main(self, named: NamedJob, known: tuple[Branch, ...], scan: str) -> Branch:
        if not known:
            hint = f"its repository has no branch with a Jenkinsfile, or was not scanned yet: {scan}"
            raise NotFound(f"{named.full_name} knows no branch yet", hint=hint)
        by_name = {each.name: each for each in known}
        usual = next((by_name[name] for name in _USUAL_BRANCHES if name in by_name), None)
        if usual is None and len(known) > 1:
            names = ", ".join(each.shown_as for each in known[:_NAMED])
            raise UsageProblem(f"which branch of {named.full_name}?", hint=f"name it with --branch: {names}")
        return usual or known[0]
