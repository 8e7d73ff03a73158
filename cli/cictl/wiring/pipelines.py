"""Builds what a local run of a Jenkinsfile needs: the runner, the request and who looks on."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cictl.clients.pipeline_history import PipelineHistory
from cictl.clients.pipeline_runner import PipelineRunner
from cictl.clients.pipeline_workspaces import PipelineWorkspaces
from cictl.clients.working_tree import WorkingTree, find_working_tree, is_clean
from cictl.core.pipeline_events import Run
from cictl.core.pipeline_request import EVERY_LIBRARY, Answer, PipelineRequest
from cictl.errors import NotAllowed, NotFound, UsageProblem
from cictl.redaction import redact
from cictl.services.pipelines import run_pipeline
from cictl.user_folders import cache_folder, state_folder
from cictl.wiring.pipeline_head import Head
from cictl.wiring.pipeline_view import watching

if TYPE_CHECKING:
    from cictl.wiring.app import App

_SHARED_LIBRARY = "shared-lib"
_SINCE = "GIT_PREVIOUS_SUCCESSFUL_COMMIT"  # known to who keeps results: a push hook, another CI


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line says, as it says it."""

    jenkinsfile: Path
    parameters: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    head: Head = field(default_factory=Head)
    workspace: Path | None = None
    stage: str | None = None
    from_stage: str | None = None
    answer: Answer | None = None
    approver: str | None = None
    is_dry_run: bool = False
    is_lint: bool = False
    is_sandboxed: bool = False
    most_log_mib: int | None = None


def run(app: App, wishes: Wishes) -> Run:
    """Run or check the Jenkinsfile, shown as it goes."""
    request = request_of(app, wishes)
    runner = PipelineRunner(cache_folder(app.environ) / "pipeline-runner", environ=app.environ, say=app.output.progress)
    with ExitStack() as stack:
        if request.source is not None and request.archive is not None:
            stack.enter_context(_workspaces(app).used(Path(request.workspace)))
        watcher = stack.enter_context(watching(app.output, is_dry_run=wishes.is_dry_run, is_quiet=wishes.is_lint))
        told = run_pipeline(runner, request, watcher, most_log_mib=wishes.most_log_mib)
    if wishes.is_lint and told.interruption is not None:
        raise told.interruption
    if told.finished is not None and request.archive is not None:
        is_whole = wishes.stage is None and wishes.from_stage is None
        commit = request.commit if is_whole else None
        _history(app).end(Path(request.jenkinsfile), request.variables.get("BRANCH_NAME"), told.finished.result, commit)
    return told


def request_of(app: App, wishes: Wishes) -> PipelineRequest:
    """Return what the runner is asked for."""
    jenkinsfile = _existing(wishes.jenkinsfile)
    tree = find_working_tree(jenkinsfile.parent)
    root = tree.root if tree is not None else jenkinsfile.parent
    workspace = root if wishes.workspace is None else _workspaces(app).checked(wishes.workspace, root)
    head, changes = wishes.head.variables(tree), wishes.head.changes(tree)
    branch = head.get("BRANCH_NAME")
    libraries = _libraries(wishes.libraries, root)
    parameters = dict(_pairs(wishes.parameters, "-p"))
    credentials = {name: _secret(app, name, value) for name, value in _pairs(wishes.credentials, "--credential")}
    history, runs = _history(app), not (wishes.is_dry_run or wishes.is_lint)
    last = history.last(jenkinsfile, branch)
    commit = tree.commit if tree is not None and runs and is_clean(tree) else None
    # After all that can be refused: a run that begins takes a number, and deletes the oldest artefacts.
    number = history.begin(jenkinsfile, branch) if runs else last.number + 1
    return PipelineRequest(
        str(jenkinsfile),
        str(workspace),
        root.name,
        folder=str(Path.cwd()),
        source=str(root) if wishes.workspace is not None else None,
        number=number,
        archive=str(history.archive(jenkinsfile, branch, number)) if runs else None,
        commit=commit,
        previous_result=last.result,
        libraries=libraries,
        parameters=parameters,
        variables={
            **_variables(root.name, number, tree, since=app.environ.get(_SINCE, last.commit if commit else None)),
            **head,
        },
        credentials=credentials,
        changed_files=changes.files,
        commit_messages=changes.messages,
        stage=wishes.stage,
        from_stage=wishes.from_stage,
        answer=wishes.answer,
        approver=wishes.approver,
        is_dry_run=wishes.is_dry_run,
        is_lint=wishes.is_lint,
        is_sandboxed=wishes.is_sandboxed,
    )


def _existing(path: Path) -> Path:
    absolute = path.absolute()
    if not absolute.is_file():
        raise NotFound(f"there is no Jenkinsfile {path}", hint="name it: cictl pipeline run PATH")
    return absolute


def _pairs(texts: tuple[str, ...], option: str) -> list[tuple[str, str]]:
    return [_pair(text, option) for text in texts]


def _pair(text: str, option: str) -> tuple[str, str]:
    name, has_value, value = text.partition("=")
    if not name or not has_value:
        raise UsageProblem(f"{option} {text!r} has no '='", hint=f"write {option} NAME=VALUE")
    return name, value


def _libraries(texts: tuple[str, ...], root: Path) -> dict[str, str]:
    """Return the named libraries, and the repository's own under every other name."""
    found: dict[str, str] = {}
    for name, value in _pairs(texts, "--library"):
        path = Path(value).absolute()
        if not path.is_dir():
            raise NotFound(f"there is no library {name} in {value}", hint="name the folder that holds vars/ and src/")
        found[name] = str(path)
    own = root / _SHARED_LIBRARY
    return {**found, EVERY_LIBRARY: str(own)} if own.is_dir() else found


def _secret(app: App, name: str, value: str) -> str:
    """Return the content of the file, or else of the environment variable, that VALUE names."""
    path = Path(value)
    if path.is_file():
        content = _text(path, f"--credential {name}={value}")
    elif value in app.environ:
        content = app.environ[value]
    else:
        message = f"--credential {name}={value}: there is neither such a file nor such an environment variable"
        raise NotFound(message, hint="write --credential ID=FILE or ID=NAME of a variable; never the secret itself")
    for part in (content, content.strip().partition(":")[2]):
        redact(part)
    return content


def _text(path: Path, option: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        message = f"{option}: the file is no text in UTF-8, and a run here takes no other"
        raise UsageProblem(message, hint="leave it out: what binds it fails, the rest runs") from error
    except OSError as error:
        message = f"{option}: the file cannot be read: {error.strerror}"
        raise NotAllowed(message, hint="be the user that it belongs to") from error


def _variables(job: str, number: int, tree: WorkingTree | None, *, since: str | None) -> dict[str, str]:
    """Return the variables that Jenkins sets for a build, as far as they mean something here."""
    variables: Mapping[str, str | None] = {
        "CI": "true",
        "JOB_NAME": job,
        "JOB_BASE_NAME": job,
        "BUILD_NUMBER": str(number),
        "BUILD_ID": str(number),
        "BUILD_DISPLAY_NAME": f"#{number}",
        "BUILD_TAG": f"jenkins-{job}-{number}",
        "GIT_COMMIT": tree.commit if tree is not None else None,
        "GIT_URL": tree.url if tree is not None else None,
        _SINCE: since,
    }
    return {name: value for name, value in variables.items() if value is not None}


def _workspaces(app: App) -> PipelineWorkspaces:
    return PipelineWorkspaces(state_folder(app.environ) / "pipeline-workspaces")


def _history(app: App) -> PipelineHistory:
    return PipelineHistory(state_folder(app.environ) / "pipelines")
