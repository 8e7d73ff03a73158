"""Lets `cictl jobs plan | apply | drift` render a tree, plan it against the live Jenkins and apply the plan."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cictl.clients.job_folder import write_text
from cictl.core.job_acceptance import YamlEdit, yaml_edit
from cictl.core.job_globs import chosen_by, named_by
from cictl.core.job_graft import find
from cictl.core.job_intents import Wishes, Write
from cictl.core.job_marks import written_text
from cictl.core.job_outcome import Outcome, Result
from cictl.core.job_plan import Action, JobPlan
from cictl.core.job_saved_plan import SavedPlan, Tree, appeared, narrowed, read_saved, saved_document
from cictl.core.job_shapes import standard_shape
from cictl.core.job_three_way import PlannedField, Side
from cictl.core.job_veil import masked
from cictl.core.job_xml import parse_config, serialise
from cictl.core.job_xml_diff import xml_diff
from cictl.core.text_secrets import HIDDEN
from cictl.errors import ConfigInvalid, NotAllowed, NotFound
from cictl.services.jobs_plan import Planned
from cictl.wiring.jobs import JobSource, job_findings, rendered_jobs, require_matched, tell_if_empty
from cictl.wiring.jobs_interrupted import Tally, tallied
from cictl.wiring.jobs_live import LiveJobs, live_jobs

if TYPE_CHECKING:
    from cictl.core.rendered_job import RenderedJob
    from cictl.wiring.app import App

_TELL_EVERY_SECONDS = 2.0


@dataclass(frozen=True)
class JobsRun:
    """One tree against one Jenkins."""

    app: App
    live: LiveJobs
    source: JobSource
    globs: tuple[str, ...] = ()
    tally: Tally = field(default_factory=Tally)

    def plan(self) -> Planned:
        """Render the tree and plan all of it, or what the globs name."""
        jobs = rendered_jobs(self.app, self.source, self.globs)
        tell_if_empty(self.app, self.source, self.globs, is_empty=not jobs)
        planned = self.live.planning().plan(jobs, is_chosen=chosen_by(self.globs))
        if marks := planned.formerly:
            self.app.output.progress(
                f"{len(marks)} of these bear the mark {' or '.join(map(repr, sorted(set(marks.values()))))} of an"
                " earlier cictl or configuration; they count as ours, and 'cictl jobs adopt' with the same options"
                f" puts {self.live.owner!r} in its place"
            )
        return planned

    def problems(self, planned: Planned) -> tuple[str, ...]:
        """Return what Git asks for that cannot or may not be, with where it is defined."""
        refused = (_problem(each, planned.sources.get(each.key)) for each in planned.refused)
        return (*refused, *(str(finding) for finding in self._findings(planned)))

    def _findings(self, planned: Planned) -> Sequence[object]:
        if self.source.paths:
            return ()
        from cictl.core.rendered_job import RenderedJob  # noqa: PLC0415 - as the module itself

        # What is unchanged was judged when it was written, and judging thousands takes its time.
        jobs: list[RenderedJob] = [
            RenderedJob(each.key.full_name, planned.rendered[each.key], each.key.is_view, planned.sources.get(each.key))
            for each in planned.plan.jobs
            if each.key in planned.rendered and each.action is not Action.UNCHANGED
        ]
        return job_findings(self.app, jobs)

    def decide(self, planned: Planned, wishes: Wishes) -> tuple[tuple[Write, ...], tuple[Outcome, ...]]:
        """Return what applying writes, and what it leaves with the reason."""
        return self.live.applying().decide(planned, wishes)

    def has_work(self, planned: Planned, wishes: Wishes) -> bool:
        """Whether applying has anything to do: it would write, or stop at a conflict. What it leaves is no work."""
        writes, left = self.decide(planned, wishes)
        return bool(writes) or any(each.result is Result.CONFLICT for each in left)

    def require_known(self, planned: Planned, option: str, names: Sequence[str]) -> None:
        """Raise UsageProblem if one of NAMES, which OPTION gave, matches nothing that Git makes."""
        require_matched(self.app, names, [key.full_name for key in planned.rendered], option=option)

    def require_chosen(self, planned: Planned) -> None:
        """Raise UsageProblem if a glob matches nothing that Git makes or that is ours in Jenkins."""
        keys = {*planned.rendered, *(each.key for each in planned.plan.jobs)}
        require_matched(self.app, self.globs, [key.full_name for key in keys], also=self.source)

    def diffs(self, planned: Planned, wishes: Wishes) -> tuple[str, ...]:
        """Return the XML that each write changes, line by line."""
        writes, _ = self.decide(planned, wishes)
        return tuple(line for each in writes for line in xml_diff(each.live, each.text, name=each.key.full_name))

    def apply(self, planned: Planned, writes: Sequence[Write]) -> tuple[Outcome, ...]:
        """Do WRITES; tell now and then how far it is, and at once what goes wrong."""
        if not writes and not self.live.lock.look_after():
            return ()  # what would be renewed in the records is renewed by the next run
        progress, clock = self.app.output.progress, self.app.clock
        done, told_at = 0, clock.monotonic()

        def report(outcome: Outcome) -> None:
            nonlocal done, told_at
            done += 1
            self.tally.count(outcome)
            if not outcome.is_written or outcome.detail:
                progress(f"{outcome.result.value} {outcome.key.full_name}: {outcome.detail}")
            if clock.monotonic() - told_at > _TELL_EVERY_SECONDS:
                told_at = clock.monotonic()
                progress(f"{done} of {len(writes)} written")

        self.tally.begin()
        return self.live.applying().apply(planned, writes, report)

    def narrow(self, planned: Planned, saved: SavedPlan) -> tuple[Planned, tuple[Outcome, ...]]:
        """Return of PLANNED what was SAVED, and what moved since."""
        plan, outcomes = narrowed(saved, planned.plan, planned.rendered)
        for key in appeared(saved, planned.plan):
            self.app.output.progress(f"{key.full_name} is not in the plan, so it is left as it is")
        unchanged = tuple(each for each in planned.plan.jobs if each.action is Action.UNCHANGED)
        return replace(planned, plan=replace(plan, jobs=(*plan.jobs, *unchanged))), outcomes

    def save(self, planned: Planned, path: Path, overwrite: tuple[str, ...] = ()) -> None:
        """Write PLANNED to PATH, to be applied later, and what Git is to win in then."""
        source = self.source
        recursive = ":".join(map(str, source.paths)) or None
        ini, plugins = (str(each) if each else None for each in (source.ini, source.plugins))
        tree = Tree(recursive, source.excludes, ini, plugins)
        document = saved_document(planned.plan, planned.rendered, tree, self.globs, overwrite)
        write_text(path, json.dumps(document, indent=1), is_private=True)


@contextmanager
def jobs_run(
    app: App, source: JobSource, globs: tuple[str, ...], *, owner: str | None = None, take_over: bool = False
) -> Iterator[JobsRun]:
    """Yield SOURCE against the configured Jenkins."""
    with tallied(app) as tally, live_jobs(app, source, owner=owner, take_over=take_over) as live:
        yield JobsRun(app, live, source, globs, tally)


def read_plan_file(path: Path) -> SavedPlan:
    """Return the plan that PATH holds."""
    try:
        return read_saved(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise NotFound(f"there is no {path}", hint="'cictl jobs plan --out PLAN' writes one") from error
    except OSError as error:
        raise NotAllowed(f"{path} cannot be read: {error.strerror}", hint="name the file of a saved plan") from error
    except (ValueError, RecursionError) as error:
        raise ConfigInvalid(f"{path} is no plan of jobs: {error}", hint="make it anew by --out") from error


def source_of(saved: SavedPlan) -> JobSource:
    """Return the tree that SAVED was made of."""
    tree = saved.tree
    paths = tuple(Path(part) for part in (tree.recursive or "").split(":") if part)
    ini, plugins = (Path(each) if each else None for each in (tree.ini, tree.plugins_info))
    return JobSource(paths, tree.exclude, ini, plugins)


def wishes_of(overwrite: Sequence[str], enable: Sequence[str]) -> Wishes:
    """Return what --overwrite and --enable say: names, globs or `all`."""
    return Wishes(overwrites=named_by(overwrite), enables=named_by(enable))


def drifted_jobs(planned: Planned) -> tuple[JobPlan, ...]:
    """Return the jobs that people changed in Jenkins."""
    return tuple(each for each in planned.plan.jobs if each.key in planned.rendered and _is_drifted(each))


def lost_jobs(planned: Planned) -> tuple[JobPlan, ...]:
    """Return the jobs of ours that Git no longer makes and whose mark people took away."""
    return tuple(each for each in planned.plan.jobs if each.is_mark_lost)


def acceptance(planned: Planned, name: str, root: Path) -> str:
    """Return how Git would say what Jenkins has of the job NAME: lines of YAML where they are evident, else XML."""
    plan = next((each for each in drifted_jobs(planned) if each.key.full_name == name), None)
    if plan is None:
        raise NotFound(f"{name} was not changed in Jenkins", hint="'cictl jobs drift' lists what was")
    live = planned.live.get(plan.key)
    if live is None:
        return f"# {name} was deleted in Jenkins: take it out of Git, or 'cictl jobs apply' makes it anew"
    source = planned.sources.get(plan.key)
    return "\n".join(part for each in _moved(plan) for part in _accepted(each, live, source, root))


def _accepted(field: PlannedField, live: str, source: str | None, root: Path) -> Iterator[str]:
    yield f"# {' / '.join(field.path)}"
    path = Path((source or "").rpartition(":")[0] or source or "")
    edit = _yaml_edit(field, root / path)
    if edit is not None:
        yield f"# {path}:{edit.line}"
        yield f"-{edit.before}"
        yield f"+{edit.after}"
        return
    element = find(standard_shape(parse_config(masked(live))), field.steps)
    if element is not None and element.tag == "description":
        element = element._replace(text=written_text(element.text))
    yield serialise(element).partition("\n")[2].rstrip() if element else "# it is gone in Jenkins"


def _yaml_edit(field: PlannedField, path: Path) -> YamlEdit | None:
    if field.git is None or field.jenkins is None or HIDDEN in field.git + field.jenkins or not path.is_file():
        return None
    return yaml_edit(path.read_text(encoding="utf-8"), written_text(field.git), written_text(field.jenkins))


def _is_drifted(plan: JobPlan) -> bool:
    is_deleted = plan.action is Action.CREATE and bool(plan.notes) and not plan.refusal
    return is_deleted or plan.is_disabled_by_hand or (plan.action is not Action.FOREIGN and bool(_moved(plan)))


def _moved(plan: JobPlan) -> tuple[PlannedField, ...]:
    return tuple(each for each in plan.fields if each.side in {Side.JENKINS, Side.BOTH, Side.UNKNOWN})


def _problem(plan: JobPlan, source: str | None) -> str:
    return f"{f'{source}: ' if source else ''}{plan.key.full_name}: {plan.refusal}"
