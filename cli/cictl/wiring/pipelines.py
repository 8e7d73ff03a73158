"""Builds what a local run of a Jenkinsfile needs: the runner, the request and who looks on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cictl.clients.pipeline_history import LastRun, PipelineHistory
from cictl.clients.pipeline_runner import PipelineRunner
from cictl.clients.pipeline_workspaces import PipelineWorkspaces
from cictl.clients.working_tree import WorkingTree, find_working_tree, is_clean
from cictl.core.named_values import named_values
from cictl.core.pipeline_request import EVERY_LIBRARY, PipelineRequest
from cictl.core.pipeline_run import Run
from cictl.errors import NotAllowed, NotFound, UsageProblem
from cictl.redaction import redact
from cictl.services.pipelines import run_pipeline
from cictl.user_folders import cache_folder, state_folder
from cictl.wiring.pipeline_head import head_changes, head_variables
from cictl.wiring.pipeline_view import watching

if TYPE_CHECKING:
    from cictl.wiring.app import App
    from cictl.wiring.pipeline_wishes import PipelineWishes

_SHARED_LIBRARY = "shared-lib"
_SINCE = "GIT_PREVIOUS_SUCCESSFUL_COMMIT"  # known to who keeps results: a push hook, another CI


@dataclass(frozen=True, slots=True)
class _Begun:
    """A run that has its NUMBER, and what was kept of the one before; COMMIT is None where files differ from it."""

    number: int
    last: LastRun
    archive: Path | None = None
    commit: str | None = None


def run(app: App, wishes: PipelineWishes) -> Run:
    """Run or check the Jenkinsfile, shown as it goes."""
    runner = PipelineRunner(cache_folder(app.environ) / "pipeline-runner", environ=app.environ, say=app.output.progress)
    request, manner = request_of(app, wishes, make_ready=runner.build), wishes.manner
    with ExitStack() as stack:
        if request.source is not None and request.archive is not None:
            stack.enter_context(_workspaces(app).used(Path(request.workspace)))
        watcher = stack.enter_context(watching(app.output, is_dry_run=manner.is_dry_run, is_quiet=manner.is_lint))
        told = run_pipeline(runner, request, watcher, most_log_mib=wishes.most_log_mib)
    if manner.is_lint and told.interruption is not None:
        raise told.interruption
    if told.finished is not None and request.archive is not None:
        commit = request.commit if manner.is_whole else None
        _history(app).end(Path(request.jenkinsfile), request.variables.get("BRANCH_NAME"), told.finished.result, commit)
    return told


def request_of(app: App, wishes: PipelineWishes, *, make_ready: Callable[[], object] = lambda: None) -> PipelineRequest:
    """Return what the runner is asked for; MAKE READY may still refuse a run before it takes a number."""
    jenkinsfile = _existing(wishes.jenkinsfile)
    tree = find_working_tree(jenkinsfile.parent)
    root = tree.root if tree is not None else jenkinsfile.parent
    workspace = root if wishes.workspace is None else _workspaces(app).checked(wishes.workspace, root)
    head, changes = head_variables(wishes.head, tree), head_changes(wishes.head, tree)
    libraries = _libraries(wishes.libraries, root)
    parameters = named_values(wishes.parameters, flag="-p")
    credentials = _credentials(app, wishes.credentials)
    begun = _begin(app, wishes, jenkinsfile, head.get("BRANCH_NAME"), tree, make_ready)
    since = app.environ.get(_SINCE, begun.last.commit if begun.commit else None)
    return PipelineRequest(
        str(jenkinsfile),
        str(workspace),
        root.name,
        folder=str(Path.cwd()),
        source=str(root) if wishes.workspace is not None else None,
        number=begun.number,
        archive=str(begun.archive) if begun.archive is not None else None,
        commit=begun.commit,
        previous_result=begun.last.result,
        libraries=libraries,
        parameters=parameters,
        variables={**_variables(root.name, begun.number, tree, since=since), **head},
        credentials=credentials,
        changed_files=changes.files,
        commit_messages=changes.messages,
        manner=wishes.manner,
    )


def _begin(
    app: App,
    wishes: PipelineWishes,
    jenkinsfile: Path,
    branch: str | None,
    tree: WorkingTree | None,
    make_ready: Callable[[], object],
) -> _Begun:
    """Take a number, and delete the oldest artefacts: after all that can be refused, and only for what runs."""
    history = _history(app)
    last = history.last(jenkinsfile, branch)
    if wishes.manner.runs_nothing:
        return _Begun(last.number + 1, last)
    make_ready()
    number = history.begin(jenkinsfile, branch)
    commit = tree.commit if tree is not None and is_clean(tree) else None
    return _Begun(number, last, history.archive(jenkinsfile, branch, number), commit)


def _existing(path: Path) -> Path:
    absolute = path.absolute()
    if not absolute.is_file():
        raise NotFound(f"there is no Jenkinsfile {path}", hint="name it: cictl pipeline run PATH")
    return absolute


def _libraries(texts: tuple[str, ...], root: Path) -> dict[str, str]:
    """Return the named libraries, and the repository's own under every other name."""
    found: dict[str, str] = {}
    for name, value in named_values(texts, flag="--library", form="NAME=PATH").items():
        path = Path(value).absolute()
        if not path.is_dir():
            raise NotFound(f"there is no library {name} in {value}", hint="name the folder that holds vars/ and src/")
        found[name] = str(path)
    own = root / _SHARED_LIBRARY
    return {**found, EVERY_LIBRARY: str(own)} if own.is_dir() else found


def _credentials(app: App, texts: tuple[str, ...]) -> dict[str, str]:
    named = named_values(texts, flag="--credential", form="ID=FILE")
    return {name: _secret(app, name, value) for name, value in named.items()}


def _secret(app: App, name: str, value: str) -> str:
    """Return the content of the file, or else of the environment variable, that VALUE names."""
    path = Path(value)
    if path.is_file():
        content = _text(path, f"--credential {name}={value}")
    elif value in app.environ:
        content = app.environ[value]
    else:
        message = f"--credential {name}: there is neither such a file nor such an environment variable"
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
