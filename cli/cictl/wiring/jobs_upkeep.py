"""Builds what prunes, adopts and restores jobs: one connection each, the lock and records that apply uses, backups."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cictl.clients.job_backups import JobBackups
from cictl.core.bootstrap_folders import OWNER as BOOTSTRAP
from cictl.core.job_globs import chosen_by, is_match
from cictl.core.job_plan import ItemKey
from cictl.core.spelling import nearest
from cictl.errors import ConfigInvalid, UsageProblem
from cictl.services.jobs_adopt import Adopt
from cictl.services.jobs_prune import Prune, PrunePlan
from cictl.services.jobs_restore import Restore, RestorePlan
from cictl.wiring.jenkins import jenkins_url
from cictl.wiring.jobs import JobSource, rendered_jobs, require_matched, tell_if_empty
from cictl.wiring.jobs_interrupted import Tally, tallied
from cictl.wiring.jobs_live import FELLOWS, live_jobs, tree_owner

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from cictl.clients.job_backups import JobBackup
    from cictl.core.job_adoption import Adoption
    from cictl.core.job_outcome import Outcome
    from cictl.core.rendered_job import RenderedJob
    from cictl.wiring.app import App

_PRUNE = "prune"


@dataclass(slots=True)
class _NewBackup:
    """A backup that is made when it is first asked for."""

    backups: JobBackups
    now: Callable[[], float]
    why: str
    place: str | None = None

    def begin(self) -> JobBackup:
        """Make it."""
        backup = self.backups.begin(at=self.now(), why=self.why)
        self.place = str(backup.place)
        return backup


@dataclass(frozen=True, slots=True)
class Pruning:
    """One run of `cictl jobs prune`; COMMON_MARK is the jobs' mark where other repositories' may bear it, too."""

    app: App
    service: Prune
    wanted: tuple[ItemKey, ...]
    folder: str
    backup: _NewBackup
    look_after_lock: Callable[[], bool]
    common_mark: str | None = None
    tally: Tally = field(default_factory=Tally)

    @property
    def backup_place(self) -> str | None:
        """The folder of the backup, None if there is none."""
        return self.backup.place

    def plan(self, globs: Sequence[str], most: str | None) -> PrunePlan:
        """Return what would go of what matches one of GLOBS.

        UsageProblem where one matches nothing: not here, not of ours in Jenkins, and not of what was pruned before.
        """
        known = {key.full_name for key in self.wanted}
        is_named = chosen_by(globs)

        def is_chosen(full_name: str) -> bool:
            known.add(full_name)
            return is_named(full_name)

        try:
            plan = self.service.plan(self.wanted, folder=self.folder, is_chosen=is_chosen, most=most)
        except ValueError as error:
            raise UsageProblem(f"--max-delete: {error}", hint="as in --max-delete 20 or --max-delete 10%") from error
        self._tell_of_pruned([glob for glob in globs if not _matched(glob, known)], known)
        return plan

    def _tell_of_pruned(self, globs: Sequence[str], known: Collection[str]) -> None:
        """Say of GLOBS that an earlier run deleted what matches; UsageProblem if a backup does not say so."""
        if not globs:
            return
        backups = self.backup.backups
        pruned = {key.full_name for each in backups.summaries() if each.why == _PRUNE for key in each.keys}
        for glob in globs:
            if not _matched(glob, pruned):
                where = f"no job of this tree, none of its in Jenkins, and none that was pruned from {backups.folder}"
                raise _unmatched(glob, where, {*known, *pruned}, hint="'cictl jobs prune --dry-run' lists what may go")
            self.app.output.progress(f"--job {glob}: nothing is left to delete; 'cictl jobs restore' has what was")

    def apply(self, plan: PrunePlan) -> tuple[Outcome, ...]:
        """Delete what PLAN says, and tell of each."""
        return self.service.apply(plan, _telling(self.app, self.tally))


@dataclass(frozen=True, slots=True)
class Adopting:
    """One run of `cictl jobs adopt`."""

    app: App
    service: Adopt
    look_after_lock: Callable[[], bool]
    rendered: tuple[RenderedJob, ...] = field(repr=False)
    tally: Tally = field(default_factory=Tally)

    def plan(self, globs: Sequence[str], takes_from: Sequence[str]) -> tuple[Adoption, ...]:
        """Return what would be adopted of what matches one of GLOBS; UsageProblem where one matches nothing."""
        require_matched(self.app, globs, [each.full_name for each in self.rendered])
        return self.service.plan(self.rendered, is_chosen=chosen_by(globs), takes_from=(BOOTSTRAP, *takes_from))

    def apply(self, plan: Sequence[Adoption]) -> tuple[Outcome, ...]:
        """Mark what PLAN says, and tell of each."""
        return self.service.apply(plan, self.rendered, _telling(self.app, self.tally))


@dataclass(frozen=True, slots=True)
class Restoring:
    """One run of `cictl jobs restore`, from the backup in the folder PLACE."""

    app: App
    service: Restore
    backups: JobBackups
    name: str
    place: str
    backup: _NewBackup
    look_after_lock: Callable[[], bool]
    tally: Tally = field(default_factory=Tally)

    @property
    def backup_place(self) -> str | None:
        """The folder that keeps what was overwritten, None if nothing was."""
        return self.backup.place

    def plan(self, globs: Sequence[str], *, overwrite: bool, lossy: bool) -> RestorePlan:
        """Return what would come back of what matches one of GLOBS; UsageProblem where one matches nothing."""
        saved = self.backups.items(self.backups.find(self.name))
        names = [each.key.full_name for each in saved]
        for glob in globs:
            if not _matched(glob, names):
                hint = "'cictl jobs restore' lists what is in each backup"
                raise _unmatched(glob, f"nothing in the backup {self.place}", names, hint=hint)
        return self.service.plan(saved, is_chosen=chosen_by(globs), overwrite=overwrite, lossy=lossy)

    def apply(self, plan: RestorePlan) -> tuple[Outcome, ...]:
        """Write what PLAN says, and tell of each."""
        return self.service.apply(plan, _telling(self.app, self.tally))


def _matched(glob: str, names: Iterable[str]) -> bool:
    return any(is_match(name, (glob,)) for name in names)


def _unmatched(glob: str, where: str, names: Collection[str], *, hint: str) -> UsageProblem:
    close = nearest(glob, names)
    return UsageProblem(f"--job {glob} matches {where}", hint=f"did you mean {close!r}?" if close else hint)


def _telling(app: App, tally: Tally) -> Callable[[Outcome], None]:
    """Return what tells of each outcome and counts it, from now on that it is written."""
    tally.begin()

    def tell(outcome: Outcome) -> None:
        tally.count(outcome)
        app.output.progress(f"{outcome.key.full_name}: {outcome.result}")

    return tell


@contextmanager
def pruning(
    app: App, source: JobSource, backup_dir: Path | None, *, owner: str | None = None, take_over: bool = False
) -> Iterator[Pruning]:
    """Yield what prunes the jobs of SOURCE; ConfigInvalid where it makes none, since all would go."""
    with tallied(app) as tally:
        wanted = tuple(ItemKey(each.full_name, each.is_view) for each in rendered_jobs(app, source))
        if not wanted:
            hint = "name the right folder with --recursive; to delete all jobs, delete their folder in Jenkins"
            raise ConfigInvalid("the tree makes no job at all, so all would be deleted", hint=hint)
        with live_jobs(app, source, owner=owner, take_over=take_over) as live:
            backup = _NewBackup(job_backups(app, backup_dir), app.clock.wall, _PRUNE)
            service = Prune(
                live.inventory,
                live.items,
                live.records,
                live.lock.held,
                backup.begin,
                app.clock,
                live.owner,
                FELLOWS,
                live.own_names,
                live.formers,
            )
            common = live.owner if owner is None and tree_owner(app, source).is_common else None
            folder = "" if source.paths else live.folder
            yield Pruning(app, service, wanted, folder, backup, live.lock.look_after, common, tally)


@contextmanager
def adopting(app: App, source: JobSource, *, owner: str | None = None, take_over: bool = False) -> Iterator[Adopting]:
    """Yield what adopts the jobs of SOURCE."""
    with tallied(app) as tally:
        rendered = rendered_jobs(app, source)
        tell_if_empty(app, source, (), is_empty=not rendered)
        with live_jobs(app, source, owner=owner, take_over=take_over) as live:
            tell = app.output.progress
            service = Adopt(live.inventory, live.items, live.records, live.lock.held, live.owner, tell, live.formers)
            yield Adopting(app, service, live.lock.look_after, rendered, tally)


@contextmanager
def restoring(app: App, name: str, backup_dir: Path | None, *, take_over: bool = False) -> Iterator[Restoring]:
    """Yield what restores from the backup NAME; ConfigInvalid where it is another Jenkins' one."""
    backups = job_backups(app, backup_dir)
    found = backups.find(name)
    if found.url.rstrip("/") != backups.url.rstrip("/"):
        hint = "secrets in it are encrypted by that Jenkins, and no other reads them; set jenkins.url to that one"
        raise ConfigInvalid(f"the backup {found.place} is of {found.url}, not of {backups.url}", hint=hint)
    with tallied(app) as tally, live_jobs(app, JobSource(), take_over=take_over) as live:
        backup = _NewBackup(backups, app.clock.wall, "restore")
        service = Restore(live.items, live.records, live.lock.held, backup.begin, FELLOWS, app.output.progress)
        yield Restoring(app, service, backups, name, found.place, backup, live.lock.look_after, tally)


def job_backups(app: App, backup_dir: Path | None) -> JobBackups:
    """Return the backups of the configured Jenkins, below BACKUP_DIR or the user's own folder for them."""
    return JobBackups.of(app.environ, jenkins_url(app), backup_dir)
