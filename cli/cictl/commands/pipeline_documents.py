"""What `cictl pipeline` shows: how a run ended, stage by stage, and what was found at loading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cictl.core.pipeline_events import Problem, Result
from cictl.core.pipeline_run import Run, Stage, exit_code
from cictl.core.pipeline_verdict import Finding, Validity, Verdict
from cictl.errors import ConfigInvalid, ExitCode, FarSideFailed, TimedOut
from cictl.output import Document
from cictl.wiring.pipeline_view import duration

if TYPE_CHECKING:
    from cictl.core.pipeline_events import Finished

_SHOWN_FAILURES = 10


def run_document(run: Run, jenkinsfile: str) -> Document:
    """Return how RUN ended, and all its events."""
    finished = run.finished
    data = {
        "jenkinsfile": jenkinsfile,
        "result": finished.result if finished else None,
        "seconds": finished.seconds if finished else None,
        "description": finished.description if finished else None,
        "stages": [_stage_data(stage) for stage in run.stages],
        "tests": _tests_data(run),
        "artifacts": list(run.artifacts),
        "notes": [_problem_data(problem) for problem in run.problems],
        "events": list(run.events),
    }
    names = (f"pipeline/{jenkinsfile} {finished.result}",) if finished else ()
    return Document("PipelineRun", data, names=names, text="\n".join(_summary(run)))


def lint_document(run: Run, verdict: Verdict | None, jenkinsfile: str) -> Document:
    """Return what was found here, and apart what Jenkins says, if it was asked."""
    rows = [(_place(item), "error" if item.is_error else "note", _message(item), "cictl") for item in run.problems]
    rows = rows or [(jenkinsfile, "ok", "no problems", "cictl")]
    rows += _jenkins_rows(verdict, jenkinsfile) if verdict is not None else []
    data = {
        "problems": [_problem_data(item) for item in run.problems],
        "jenkins": _verdict_data(verdict) if verdict is not None else None,
    }
    names = tuple(_place(item) for item in run.problems)
    is_short = verdict is None and not run.problems
    heads = ("WHERE", "SEVERITY", "FINDING", "BY")
    return Document("PipelineLint", data, heads, tuple(rows), names=names, text="no problems" if is_short else None)


def _jenkins_rows(verdict: Verdict, jenkinsfile: str) -> list[tuple[str, str, str, str]]:
    if verdict.validity is Validity.VALID:
        return [(jenkinsfile, "ok", f"validated at {verdict.url}", "Jenkins")]
    if verdict.validity is Validity.UNKNOWN:
        return [(jenkinsfile, "note", f"not judged: {verdict.reason}", "Jenkins")]
    return [(_at(jenkinsfile, finding), "error", finding.message, "Jenkins") for finding in verdict.findings]


def _at(jenkinsfile: str, finding: Finding) -> str:
    return f"{jenkinsfile}:{finding.line}" if finding.line else jenkinsfile


def _verdict_data(verdict: Verdict) -> dict[str, object]:
    return {
        "url": verdict.url,
        "validity": verdict.validity,
        "reason": verdict.reason,
        "findings": [
            {"message": each.message, "line": each.line or None, "column": each.column or None}
            for each in verdict.findings
        ],
    }


def raise_findings(run: Run, verdict: Verdict | None, jenkinsfile: str) -> None:
    """Raise that errors were found here, or else that Jenkins finds some; which they are is shown already."""
    if run.errors:
        raise ConfigInvalid(f"{jenkinsfile} has {_several(run)}", hint="each is in the list of findings")
    if verdict is not None and verdict.validity is Validity.INVALID:
        hint = "cictl's own checks found nothing: look which plugins that Jenkins has"
        raise ConfigInvalid(f"Jenkins at {verdict.url} refuses {jenkinsfile}", hint=hint)


def _several(run: Run) -> str:
    return f"{len(run.errors)} errors" if len(run.errors) > 1 else "an error"


def raise_problem(run: Run, jenkinsfile: str) -> None:
    """Raise what RUN's end is for a script: a wish to stop, errors, a failure, a timeout; nothing for a good end."""
    if run.interruption is not None:
        raise run.interruption
    if run.errors:
        lines = "".join(f"\n  {error}" for error in run.errors)
        raise ConfigInvalid(f"{jenkinsfile} has {_several(run)}:{lines}", hint="nothing was run")
    finished = run.finished
    if finished is None or (status := exit_code(finished)) is ExitCode.OK:
        return
    message = f"{jenkinsfile}: {finished.result}{_why(finished)}"
    if status is ExitCode.TIMED_OUT:
        raise TimedOut(message, hint="its log above says which stage took so long")
    raise FarSideFailed(message, hint="its log above says what failed")


def _why(finished: Finished) -> str:
    return f": {finished.error}" if finished.error else ""


def _summary(run: Run) -> list[str]:
    finished = run.finished
    if finished is None:
        return []
    stages = sum(stage.result is not Result.SKIPPED for stage in run.stages)
    lines = [f"{finished.result} in {duration(finished.seconds)}, {stages} of {len(run.stages)} stages run"]
    if finished.result is Result.UNSTABLE:
        lines.append("unstable: it is no failure, but look at the warnings or failed tests above")
    return [*lines, *_test_lines(run), *(f"artifact: {path}" for path in run.artifacts)]


def _test_lines(run: Run) -> list[str]:
    if not run.tests:
        return []
    data = _tests_data(run)
    lines = [f"tests: {data['passed']} passed, {data['failed']} failed, {data['skipped']} skipped"]
    failures = [name for tests in run.tests for name in tests.failures]
    lines += [f"failed: {name}" for name in failures[:_SHOWN_FAILURES]]
    return [*lines, f"and {len(failures) - _SHOWN_FAILURES} more"] if len(failures) > _SHOWN_FAILURES else lines


def _tests_data(run: Run) -> dict[str, int]:
    return {
        "passed": sum(tests.passed for tests in run.tests),
        "failed": sum(tests.failed for tests in run.tests),
        "skipped": sum(tests.skipped for tests in run.tests),
    }


def _stage_data(stage: Stage) -> dict[str, object]:
    return {
        "name": stage.name,
        "depth": stage.depth,
        "result": stage.result,
        "seconds": stage.seconds,
        "reason": stage.reason,
    }


def _problem_data(problem: Problem) -> dict[str, object]:
    return {
        "severity": "error" if problem.is_error else "note",
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
        "hint": problem.hint,
    }


def _place(problem: Problem) -> str:
    return f"{problem.file}:{problem.line}"


def _message(problem: Problem) -> str:
    return f"{problem.message}; {problem.hint}" if problem.hint else problem.message
