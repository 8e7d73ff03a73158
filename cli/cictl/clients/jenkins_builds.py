"""Builds of one Jenkins: started, followed from queue to result, stopped, answered; it waits for nothing by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from cictl.clients.jenkins_connection import JenkinsConnection
from cictl.clients.jenkins_documents import assure_told, understood
from cictl.clients.jenkins_errors import Refused, explained
from cictl.clients.jenkins_jobs import item_path
from cictl.clients.jenkins_logs import read_growing
from cictl.core.jenkins_builds import (
    Build,
    BuildableJob,
    LogPosition,
    Parameter,
    Queued,
    QueueItem,
    QueueState,
    WaitingInput,
    queue_id_of,
)
from cictl.core.jenkins_items import Item
from cictl.errors import Conflict, FarSideFailed, NotAllowed, NotFound

_NOT_FOUND = 404
_NOW = {"delay": "0sec"}
_END_OF_TIME = 253_402_300_800.0  # the year 10,000, which no calendar here knows
_JOB_TREE = (
    "fullName,buildable,nextBuildNumber,"
    "property[parameterDefinitions[name,type,description,choices,defaultParameterValue[value]]]"
)
_ACTIONS = "actions[parameters[name,value],causes[shortDescription,userId]]"
BUILD_TREE = f"number,building,result,timestamp,duration,queueId,{_ACTIONS}"
_QUEUE_TREE = f"items[id,task[fullName],{_ACTIONS}]"
_INPUT_TREE = "building,actions[waitingForInput,executions[id,displayName,settled]]"
_INPUT_ACTION = "InputAction"


class JenkinsBuilds:
    """The builds that the connection's user may see."""

    def __init__(self, connection: JenkinsConnection) -> None:
        """Use CONNECTION for every request."""
        self._connection = connection

    @understood
    def job(self, full_name: str) -> BuildableJob:
        """Return what the job asks for; NotFound if it is not there."""
        document = self._connection.get_json(f"{item_path(full_name)}/api/json", {"tree": _JOB_TREE})
        assure_told(document, "_class", "fullName")
        properties = [entry for entry in document.get("property") or () if isinstance(entry, dict)]
        asked = [definition for entry in properties for definition in entry.get("parameterDefinitions") or ()]
        return BuildableJob(
            full_name=str(document.get("fullName") or full_name),  # Jenkins tells no capitals apart
            class_name=str(document.get("_class", "")),
            is_buildable=document.get("buildable") is not False,
            parameters=tuple(map(_parameter, asked)),
            next_number=int(document.get("nextBuildNumber") or 1),
        )

    def start(self, job: BuildableJob, parameters: Mapping[str, str]) -> int | None:
        """Queue a build of JOB and return the queue item's id; None where JOB is indexed, as a multibranch project is.

        Jenkins drops parameters that the job does not ask for, and fails at a choice that is none: check them before.
        """
        action = "buildWithParameters" if job.parameters else "build"
        try:
            answer = self._connection.post(f"{item_path(job.full_name)}/{action}", _NOW, form=dict(parameters))
        except Conflict as error:
            raise explained(error, hint=f"{job.full_name} is disabled: enable it in Jenkins") from error
        queue_id = queue_id_of(answer.headers.get("Location") or "")
        if queue_id is None and not Item(job.full_name, job.class_name).is_computed:
            message = f"Jenkins at {self._connection.url} did not queue {job.full_name}"
            raise FarSideFailed(message, hint="look at the job in Jenkins: a plugin may decide what is queued")
        return queue_id

    @understood
    def queue_item(self, queue_id: int) -> QueueItem | None:
        """Return how far the queued build is, None once Jenkins forgot it: five minutes after it left the queue."""
        path = f"/queue/item/{queue_id}/api/json"
        answer = self._connection.get(path, also={_NOT_FOUND})
        if answer.status == _NOT_FOUND:
            return None
        return _queue_item(queue_id, self._connection.decoded(answer, path))

    @understood
    def queued(self, full_name: str) -> tuple[Queued, ...]:
        """Return what waits in the queue for the job, the first to come first."""
        document = self._connection.get_json("/queue/api/json", {"tree": _QUEUE_TREE})
        items = [entry for entry in document.get("items") or () if _task_of(entry) == full_name]
        found = (Queued(int(entry["id"]), _values_of(entry), _users_of(entry)) for entry in items)
        return tuple(sorted(found, key=lambda each: each.queue_id))

    def cancel_queued(self, queue_id: int) -> None:
        """Take the queued build out of the queue; one that left already is no error."""
        self._connection.post("/queue/cancelItem", {"id": queue_id}, also={_NOT_FOUND})

    @understood
    def build(self, full_name: str, number: int) -> Build | None:
        """Return the build, None where there is none of that NUMBER."""
        path = f"{item_path(full_name)}/{number}/api/json"
        answer = self._connection.get(path, {"tree": BUILD_TREE}, also={_NOT_FOUND})
        if answer.status == _NOT_FOUND:
            return None
        return build_of(full_name, self._connection.decoded(answer, path))

    @understood
    def builds(self, full_name: str, *, limit: int = 20) -> tuple[Build, ...]:
        """Return the LIMIT newest builds, the newest first; NotFound if there is no such job."""
        tree = f"builds[{BUILD_TREE}]{{0,{limit}}}"
        document = self._connection.get_json(f"{item_path(full_name)}/api/json", {"tree": tree})
        assure_told(document, "_class", "builds")
        return tuple(build_of(full_name, entry) for entry in document.get("builds") or ())

    def build_of_queue_item(self, full_name: str, queue_id: int) -> Build | None:
        """Return the build that a queue item became, for when Jenkins forgot the item; None among the newest 50."""
        found = (build for build in self.builds(full_name, limit=50) if build.queue_id == queue_id)
        return next(found, None)

    def read_log(self, full_name: str, number: int, start: int, sink: Callable[[bytes], None]) -> LogPosition:
        """Give SINK what the log has from START on, as it arrives, and return where to go on."""
        return read_growing(self._connection, f"{item_path(full_name)}/{number}", start, sink)

    def stop(self, full_name: str, number: int) -> None:
        """Ask the build to end; a pipeline that does not listen takes `term`, and then `kill`."""
        self._end(full_name, number, "stop")

    def term(self, full_name: str, number: int) -> None:
        """End a pipeline's build without letting its steps clean up."""
        self._end(full_name, number, "term")

    def kill(self, full_name: str, number: int) -> None:
        """End a pipeline's build whatever it does."""
        self._end(full_name, number, "kill")

    @understood
    def waiting_inputs(self, full_name: str, number: int) -> tuple[WaitingInput, ...]:
        """Return what the build asks people; FarSideFailed if it waits and Jenkins does not tell with what."""
        path = f"{item_path(full_name)}/{number}"
        document = self._connection.get_json(f"{path}/api/json", {"tree": _INPUT_TREE})
        actions = [action for action in document.get("actions") or () if _is_input(action)]
        if not document.get("building") or not actions:
            return ()
        told = [execution for action in actions for execution in action.get("executions") or ()]
        if told:
            return tuple(_input(execution) for execution in told if not execution.get("settled"))
        if any(action.get("waitingForInput") is False for action in actions):
            return ()
        return self._inputs_by_stage_view(path, full_name, number)

    def proceed(self, full_name: str, number: int, input_id: str, parameters: Mapping[str, str] | None = None) -> None:
        """Answer an input with yes, and with PARAMETERS if it asks for some; NotAllowed if others must answer."""
        path = f"{item_path(full_name)}/{number}/input/{quote(input_id, safe='')}"
        if not parameters:
            return self._answer(f"{path}/proceedEmpty", None)
        values = [{"name": name, "value": value} for name, value in parameters.items()]
        return self._answer(f"{path}/submit", {"proceed": "Proceed", "json": json.dumps({"parameter": values})})

    def abort(self, full_name: str, number: int, input_id: str) -> None:
        """Answer an input with no: the build ends as ABORTED."""
        path = f"{item_path(full_name)}/{number}/input/{quote(input_id, safe='')}"
        self._answer(f"{path}/abort", None)

    def _answer(self, path: str, form: dict[str, str] | None) -> None:
        try:
            self._connection.post(path, form=form)
        except Refused as error:
            if not error.reason.startswith("You need to"):
                raise
            raise NotAllowed(error.message, hint="one of those who are named there must answer") from error
        except NotFound as error:
            raise explained(error, hint="it may have been answered already; 'cictl build list' shows it") from error

    def _end(self, full_name: str, number: int, how: str) -> None:
        self._connection.post(f"{item_path(full_name)}/{number}/{how}")

    def _inputs_by_stage_view(self, path: str, full_name: str, number: int) -> tuple[WaitingInput, ...]:
        """Ask the plugin pipeline-rest-api, where it is installed: older input steps tell their ids only there."""
        answer = self._connection.get(f"{path}/wfapi/pendingInputActions", also={_NOT_FOUND})
        if answer.status == _NOT_FOUND:
            message = f"{full_name} #{number} waits for an answer, and Jenkins does not tell the input's id"
            raise FarSideFailed(message, hint="name the id that stands in the Jenkinsfile, or answer in Jenkins")
        entries = self._connection.decoded(answer, path)
        return tuple(
            WaitingInput(str(entry["id"]), str(entry.get("message", "")), _names(entry.get("inputs")))
            for entry in entries
            if isinstance(entry, dict) and "id" in entry
        )


def _parameter(document: Mapping[str, Any]) -> Parameter:
    default = document.get("defaultParameterValue")
    value = default.get("value") if isinstance(default, dict) else None
    kind = str(document.get("type", "")).removesuffix("ParameterDefinition")
    return Parameter(
        name=str(document.get("name", "")),
        kind=kind,
        default=None if value is None or kind == "Password" else _shown(value),
        choices=tuple(map(str, document.get("choices") or ())),
        description=str(document.get("description") or ""),
    )


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _queue_item(queue_id: int, document: Mapping[str, Any]) -> QueueItem:
    executable = document.get("executable")
    number = executable.get("number") if isinstance(executable, dict) else None
    state = QueueState.WAITING
    if document.get("cancelled"):
        state = QueueState.CANCELLED
    elif isinstance(number, int):
        state = QueueState.LEFT
    return QueueItem(
        queue_id=queue_id,
        state=state,
        why=str(document.get("why") or ""),
        is_stuck=bool(document.get("stuck")),
        number=number if isinstance(number, int) else None,
    )


def build_of(full_name: str, document: Mapping[str, Any]) -> Build:
    """Return the build of the job that DOCUMENT, by the tree BUILD_TREE, tells of."""
    queue_id = document.get("queueId")
    return Build(
        full_name=full_name,
        number=int(document.get("number") or 0),
        is_building=bool(document.get("building")),
        result=document.get("result"),
        started_at=_seconds(document.get("timestamp")),
        duration_seconds=_seconds(document.get("duration")),
        queue_id=queue_id if isinstance(queue_id, int) and queue_id > 0 else None,
        parameters=_values_of(document),
        causes=tuple(str(cause["shortDescription"]) for cause in _causes_of(document) if cause.get("shortDescription")),
        users=_users_of(document),
    )


def _seconds(milliseconds: object) -> float:
    """Return MILLISECONDS as seconds; a clock that was set back makes a duration less than nothing."""
    seconds = float(milliseconds or 0) / 1000 if isinstance(milliseconds, int | float) else 0.0
    if not seconds < _END_OF_TIME:
        raise ValueError(f"no time: {milliseconds}")
    return max(0.0, seconds)


def _actions_of(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [action for action in document.get("actions") or () if isinstance(action, dict)]


def _values_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters' values; Jenkins leaves those of passwords out."""
    values = [value for action in _actions_of(document) for value in action.get("parameters") or ()]
    return {str(value["name"]): _shown(value["value"]) for value in values if "value" in value}


def _causes_of(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [cause for action in _actions_of(document) for cause in action.get("causes") or ()]


def _users_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(cause["userId"]) for cause in _causes_of(document) if cause.get("userId"))


def _task_of(document: Mapping[str, Any]) -> str:
    task = document.get("task")
    return str(task.get("fullName", "")) if isinstance(task, dict) else ""


def _is_input(action: object) -> bool:
    return isinstance(action, dict) and str(action.get("_class", "")).endswith(_INPUT_ACTION)


def _input(execution: Mapping[str, Any]) -> WaitingInput:
    return WaitingInput(str(execution.get("id", "")), str(execution.get("displayName") or ""))


def _names(inputs: object) -> tuple[str, ...]:
    found = inputs if isinstance(inputs, list) else ()
    return tuple(str(entry["name"]) for entry in found if isinstance(entry, dict))
