"""A small build simulator: builds say and result in what a test scripted, and go on a step with each look at them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from tests.fake_jenkins.exported import Field, Plain, deep, names, plain

if TYPE_CHECKING:
    from tests.fake_jenkins.exchange import Exchange
    from tests.fake_jenkins.items import Job

names("parameters", "causes", "shortDescription", "userId", "userName", "upstreamBuild", "upstreamProject")
names(
    "upstreamUrl", "libraries", "lastBuiltRevision", "SHA1", "branch", "remoteUrls", "version", "trusted", "changelog"
)
names("displayPath", "fileName", "relativePath", "buildsByBranchName", "scmName", "revision", "absoluteUrl")
names("blockedDurationMillis", "buildingDurationMillis", "waitingDurationMillis", "kind", "items", "msg", "commitId")

_NOTE = re.compile(r"\x1b\[8mha:.*?\x1b\[0m")
_TIMES = (
    "blockedDurationMillis", "blockedTimeMillis", "buildableDurationMillis", "buildableTimeMillis",
    "buildingDurationMillis", "executingTimeMillis", "executorUtilization", "subTaskCount", "waitingDurationMillis",
    "waitingTimeMillis",
)  # fmt: skip
DISPLAY = "org.jenkinsci.plugins.displayurlapi.actions.RunDisplayAction"
FLOW_GRAPH = "org.jenkinsci.plugins.workflow.job.views.FlowGraphAction"
LIBRARIES = "org.jenkinsci.plugins.workflow.libs.LibrariesAction"
RESTART = "org.jenkinsci.plugins.pipeline.modeldefinition.actions.RestartDeclarativePipelineAction"
INPUT = "org.jenkinsci.plugins.workflow.support.steps.input.InputAction"
SHAPE: tuple[str | None, ...] = (
    LIBRARIES,
    None,
    None,
    None,
    None,
    None,
    DISPLAY,
    RESTART,
    None,
    FLOW_GRAPH,
    None,
    None,
)
BRANCH_SHAPE = (
    "jenkins.scm.api.SCMRevisionAction", LIBRARIES, None, "org.jenkinsci.plugins.workflow.cps.EnvActionImpl", None,
    None, DISPLAY, RESTART, None, FLOW_GRAPH, None, None,
)  # fmt: skip
WAITING_SHAPE = (LIBRARIES, None, INPUT, None, None, DISPLAY, RESTART, None, None, None, FLOW_GRAPH, None, None)


@dataclass(slots=True)
class Input:
    """An input step at which a build waits; `parameters` are names and what they default to."""

    id: str
    message: str = "Go?"
    ok: str = "Proceed"
    submitter: str | None = None
    submitter_parameter: str | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] | None = None

    @property
    def submitters(self) -> list[str]:
        return [each.strip() for each in (self.submitter or "").split(",") if each.strip()]

    def says(self) -> str:
        return "Input requested\n" if self.parameters else f"{self.message}\n{self.ok} or Abort\n"


Chunk = str | Input


@dataclass(slots=True)
class BuildScript:
    """What a job's builds print and result in.

    The first chunk is there at once; each look at the build's state or log adds the next, until an `Input` waits.
    After the last the build is over, unless `is_manual`: then the test goes on by `Build.say` and `Build.finish`.
    `queue_looks` is how often the queue item is seen waiting before the build starts.
    """

    chunks: Sequence[Chunk] = ()
    result: str = "SUCCESS"
    queue_looks: int = 0
    why: str = "Waiting for next available executor"
    artifacts: dict[str, bytes] = field(default_factory=dict)
    is_manual: bool = False
    checks_out: bool = True  # a job is polled for what an earlier build checked out
    shape: Sequence[str | None] = SHAPE
    on_answer: Callable[[Build, Input, str], Sequence[Chunk]] | None = None


def default_script(job: Job) -> BuildScript:
    """Return what a build does that nobody scripted: it succeeds at the second look."""
    shape = BRANCH_SHAPE if job.kinds[0] == "branch-job" else SHAPE
    return BuildScript(["[Pipeline] Start of Pipeline\n", "[Pipeline] End of Pipeline\n"], shape=shape)


@dataclass(slots=True)
class Cause:
    class_name: str
    says: str
    user: str | None = None

    def exported(self) -> Plain:
        values: dict[str, object] = {"shortDescription": self.says}
        if self.user:
            values |= {"userId": self.user, "userName": self.user}
        return deep(self.class_name, **values)


def by_user(user: str) -> Cause:
    return Cause("hudson.model.Cause$UserIdCause", f"Started by user {user}", user)


class Build:
    kinds = ("build",)

    def __init__(
        self, job: Job, number: int, queue_id: int, cause: Cause, parameters: Sequence[Plain], script: BuildScript
    ) -> None:
        self.job, self.number, self.queue_id = job, number, queue_id
        self.cause, self.parameters, self.script = cause, parameters, script
        self.log = cause.says + "\n"
        self.result: str | None = None
        self.building = True
        self.is_started = False
        self.description: str | None = None
        self.display_name = f"#{number}"
        self.keep_log = False
        self.inputs: list[Input] = []
        self.extra_actions: list[Plain] = []
        self.timestamp = int(time.time() * 1000)
        self.duration = 0
        self._left = list(script.chunks)
        self._go_on()

    # -- how it goes on

    def advance(self) -> None:
        """Note one look at the build: go one step on, unless an input waits or the test goes on by hand."""
        self.is_started = True
        self._go_on()

    def _go_on(self) -> None:
        if not self.building or self.inputs:
            return
        if self._left:
            self._take(self._left.pop(0))
            if self._left and isinstance(self._left[0], Input) and not self.inputs:
                self._take(self._left.pop(0))  # the question comes with what is said before it
        elif not self.script.is_manual:
            self.finish(self.script.result)

    def _take(self, chunk: Chunk) -> None:
        if isinstance(chunk, Input):
            self.ask(chunk)
        else:
            self.say(chunk)

    def say(self, text: str) -> None:
        self.log += text

    def ask(self, question: Input) -> None:
        self.inputs.append(question)
        self.say("[Pipeline] input\n" + question.says())

    def finish(self, result: str) -> None:
        """End with this result."""
        if self.building:
            self.building, self.result = False, result
            self.duration = max(1, int(time.time() * 1000) - self.timestamp)
            self.inputs.clear()
            self.say(f"Finished: {result}\n")

    def answer(self, question: Input, user: str, given: dict[str, str]) -> None:
        """Go on after an approval."""
        question.given = given
        self.inputs.remove(question)
        self.say(f"Approved by {user}\n")
        if self.script.on_answer is not None:
            self._left[:0] = self.script.on_answer(self, question, user)
        self._run_on()

    def _run_on(self) -> None:
        """Go on to the end, or to the next question."""
        while self.building and not self.inputs and (self._left or not self.script.is_manual):
            self.advance()

    def reject(self, question: Input, user: str) -> None:
        self.inputs.remove(question)
        self._unwind(f"Rejected by {user}")

    def stop(self, user: str) -> None:
        if self.building:
            self.say(f"Aborted by {user}\n")
            self.inputs.clear()
            self._unwind(None)

    def _unwind(self, why: str | None) -> None:
        closing = [chunk for chunk in self._left if isinstance(chunk, str)]
        self.say("".join(closing) + (f"{why}\n" if why else ""))
        self.say("org.jenkinsci.plugins.workflow.actions.ErrorAction$ErrorId: 00000000-0000-0000-0000-000000000000\n")
        self._left.clear()
        self.finish("ABORTED")

    # -- what it shows

    @property
    def plain_log(self) -> str:
        """The log without the notes that Jenkins hides in it."""
        return _NOTE.sub("", self.log)

    @property
    def class_name(self) -> str:
        is_free_style = self.job.class_name == "hudson.model.FreeStyleProject"
        return "hudson.model.FreeStyleBuild" if is_free_style else "org.jenkinsci.plugins.workflow.job.WorkflowRun"

    @property
    def path(self) -> str:
        return f"{self.job.path}{self.number}/"

    def neighbour(self, step: int) -> Self | None:
        at = self.job.builds.index(self) + step
        return self.job.builds[at] if 0 <= at < len(self.job.builds) else None  # type: ignore[return-value]

    def actions(self) -> list[Plain]:
        shown = [plain("hudson.model.ParametersAction", parameters=list(self.parameters))] if self.parameters else []
        shown.append(plain("hudson.model.CauseAction", causes=[self.cause.exported()]))
        shown.append(plain("jenkins.metrics.impl.TimeInQueueAction", **dict.fromkeys(_TIMES, 0)))
        shape = WAITING_SHAPE if self.inputs and self.script.shape is SHAPE else self.script.shape
        shown += [self._waiting_action() if name == INPUT else plain(name) if name else plain() for name in shape]
        return shown + self.extra_actions

    def _waiting_action(self) -> Plain:
        """Return the action of a build that asked: its questions are shown one level deeper."""
        asked = [
            Plain(None, (("displayName", each.message), ("id", each.id), ("input", plain()), ("settled", False)), 2)
            for each in self.inputs
        ]
        values = (("displayName", "Paused for Input"), ("executions", asked), ("waitingForInput", bool(asked)))
        return Plain(INPUT, values, 1)

    def estimate(self) -> int:
        done = [build.duration for build in self.job.builds if not build.building and build.result == "SUCCESS"]
        return sum(done) // len(done) if done else -1

    def exported_fields(self) -> Sequence[Field]:
        return BUILD_FIELDS


names(*_TIMES, "executions", "input", "settled", "waitingForInput")


def _artifacts(build: Build, _: Exchange) -> list[Plain]:
    return [
        plain(displayPath=path, fileName=path.rpartition("/")[2], relativePath=path)
        for path in ([] if build.building else build.script.artifacts)
    ]


BUILD_FIELDS = (
    Field("actions", lambda build, _: build.actions()),
    Field("artifacts", _artifacts),
    Field("building", lambda build, _: build.building),
    Field("description", lambda build, _: build.description),
    Field("displayName", lambda build, _: build.display_name),
    Field("duration", lambda build, _: build.duration),
    Field("estimatedDuration", lambda build, _: build.estimate()),
    Field("executor", lambda build, _: plain() if build.building else None),
    Field("fullDisplayName", lambda build, _: f"{build.job.full_display_name} {build.display_name}"),
    Field("id", lambda build, _: str(build.number)),
    Field("keepLog", lambda build, _: build.keep_log),
    Field("number", lambda build, _: build.number, 2),
    Field("queueId", lambda build, _: build.queue_id),
    Field("result", lambda build, _: build.result),
    Field("timestamp", lambda build, _: build.timestamp),
    Field("url", lambda build, exchange: exchange.root_url.rstrip("/") + build.path, 2),
    Field("changeSets", lambda *_: []),
    Field("culprits", lambda *_: []),
    Field("inProgress", lambda build, _: build.building),
    Field("nextBuild", lambda build, _: build.neighbour(1)),
    Field("previousBuild", lambda build, _: build.neighbour(-1)),
)
