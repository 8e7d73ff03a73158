"""What one container's status says is wrong with it."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cictl.core.objects import KubernetesObject, mapping_at, number_at, text_at
from cictl.core.pod_events import PodEvents, seconds_at
from cictl.core.pods import FindingKind, Graces, PodFinding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PULL_REASONS = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "ErrImageNeverPull",
        "RegistryUnavailable",
        "ImageInspectError",
        "SignatureValidationFailed",
    }
)
_START_REASONS = frozenset(
    {"CreateContainerError", "RunContainerError", "PreCreateHookError", "PreStartHookError", "PostStartHookError"}
)
_NEVER_RAN = frozenset({"StartError", "ContainerCannotRun"})
# The registry answered, and waiting does not change its answer.
_NO_SUCH_IMAGE = re.compile(
    r"manifest unknown|not found|does not exist|no such manifest|no match for platform", re.IGNORECASE
)
_PULL_NOISE = re.compile(
    r'Back-off pulling image "[^"]*"(: )?'
    r'|Failed to pull image "[^"]*": '
    r"|(ErrImagePull|ImagePullBackOff): "
    r"|rpc error: code = \w+ desc = "
    r'|failed to pull and unpack image "[^"]*": '
    r'|failed to resolve (reference|image) "[^"]*": '
)
_SIGNAL_BASE = 128
_MAX_HEAD, _MAX_TAIL = 180, 160
_POD_IN_BRACKETS = re.compile(r' \(pod: [^)]*\([^)]*\)"?, container: [^)]*\)$')


@dataclass(frozen=True, slots=True)
class ContainerCase:
    """One container of one pod, with all that is known of it; `is_init` not for those that run beside the others."""

    pod: KubernetesObject
    spec: Mapping[str, Any]
    status: Mapping[str, Any]
    events: PodEvents
    graces: Graces
    is_init: bool

    @property
    def name(self) -> str:
        """The container's name."""
        return text_at(self.status, "name")

    @property
    def waiting(self) -> Mapping[str, Any]:
        """Why it waits, empty if it does not."""
        return mapping_at(self.status, "state", "waiting")

    @property
    def is_ended(self) -> bool:
        """Whether it is not running because it ended."""
        return bool(mapping_at(self.status, "state", "terminated"))

    @property
    def end(self) -> Mapping[str, Any]:
        """How it ended last, empty if it never did."""
        now = mapping_at(self.status, "state", "terminated")
        return now or mapping_at(self.status, "lastState", "terminated")

    @property
    def restarts(self) -> int:
        """How often it was started again."""
        return number_at(self.status, "restartCount")

    def finding(self, kind: FindingKind, reason: str, since: float | None, grace: float = 0.0) -> PodFinding:
        """Return what was found of this container."""
        pod = text_at(self.pod, "metadata", "name")
        return PodFinding(
            pod, kind, reason, self.name, since, grace, log_of_previous=bool(self.end) and not self.is_ended
        )


def diagnose_container(case: ContainerCase) -> PodFinding | None:
    """Return the most telling thing wrong with a container, None if it may yet come up."""
    if case.is_init and case.is_ended and number_at(case.end, "exitCode") == 0:
        return None
    return next((found for rule in _RULES if (found := rule(case))), None)


def describe_end(case: ContainerCase) -> str:
    """Say how a container ended, with its last words."""
    code = number_at(case.end, "exitCode")
    words = shorten(text_at(case.end, "message"))
    return f"exited with code {code}{_signal_name(code)}{f': {words}' if words else ''}"


def shorten(message: str) -> str:
    """Return MESSAGE in one line of bearable length: where it begins and where it ends tell most."""
    line = " ".join(message.split())
    return line if len(line) <= _MAX_HEAD + _MAX_TAIL else f"{line[:_MAX_HEAD]} … {line[-_MAX_TAIL:]}"


def _invalid_image(case: ContainerCase) -> PodFinding | None:
    if text_at(case.waiting, "reason") != "InvalidImageName":
        return None
    reason = f"image {text_at(case.spec, 'image')!r} of container {case.name} is not a valid reference"
    return case.finding(FindingKind.INVALID_IMAGE, reason, _started(case))


def _pull_error(case: ContainerCase) -> PodFinding | None:
    if text_at(case.waiting, "reason") not in _PULL_REASONS:
        return None
    image = text_at(case.spec, "image")
    told = _PULL_NOISE.sub("", text_at(case.waiting, "message"))
    cause = (told or _PULL_NOISE.sub("", case.events.newest("Failed", "pull image"))).removeprefix(f"{image}: ")
    reason = f"image {image} of container {case.name} cannot be pulled"
    grace = 0.0 if _NO_SUCH_IMAGE.search(cause) else case.graces.pull_error
    since = case.events.since("Failed", "pull image") or _started(case)
    return case.finding(FindingKind.PULL_ERROR, f"{reason}: {shorten(cause)}" if cause else reason, since, grace)


def _config_error(case: ContainerCase) -> PodFinding | None:
    if text_at(case.waiting, "reason") != "CreateContainerConfigError":
        return None
    told = text_at(case.waiting, "message")
    since = case.events.since("Failed", re.escape(told)) or _started(case)
    reason = f"container {case.name} cannot be configured: {shorten(_POD_IN_BRACKETS.sub('', told))}"
    return case.finding(FindingKind.CONFIG_ERROR, reason, since, case.graces.config_error)


def _out_of_memory(case: ContainerCase) -> PodFinding | None:
    if text_at(case.end, "reason") != "OOMKilled":
        return None
    limit = text_at(case.spec, "resources", "limits", "memory")
    reason = f"container {case.name} was killed for using more memory than {limit or 'there is'}"
    return case.finding(FindingKind.OOM, reason, seconds_at(case.end, "finishedAt"))


def _start_error(case: ContainerCase) -> PodFinding | None:
    waits = text_at(case.waiting, "reason") in _START_REASONS
    if not waits and text_at(case.end, "reason") not in _NEVER_RAN:
        return None
    message = text_at(case.waiting, "message") if waits else text_at(case.end, "message")
    since = case.events.since("Failed") or seconds_at(case.end, "finishedAt") or _started(case)
    reason = f"container {case.name} cannot be started: {shorten(message)}"
    return case.finding(FindingKind.START_ERROR, reason, since, case.graces.start_error)


def _crash_loop(case: ContainerCase) -> PodFinding | None:
    backs_off = text_at(case.waiting, "reason") == "CrashLoopBackOff"
    if not backs_off and (case.restarts < case.graces.crash_restarts or not case.end):
        return None
    times = f"restarted {case.restarts} time{'' if case.restarts == 1 else 's'}"
    killed = case.events.newest("Killing", "probe")
    probe = f" ({shorten(killed)})" if killed else ""
    reason = f"container {case.name} {describe_end(case)}; {times}{probe}"
    return case.finding(FindingKind.CRASH_LOOP, reason, seconds_at(case.end, "finishedAt"))


_RULES: tuple[Callable[[ContainerCase], PodFinding | None], ...] = (
    _invalid_image,
    _pull_error,
    _config_error,
    _out_of_memory,
    _start_error,
    _crash_loop,
)


def _started(case: ContainerCase) -> float | None:
    return seconds_at(case.pod, "status", "startTime") or seconds_at(case.pod, "metadata", "creationTimestamp")


def _signal_name(code: int) -> str:
    """Return the signal that exit CODE stands for, in brackets."""
    try:
        return f" ({signal.Signals(code - _SIGNAL_BASE).name})" if code > _SIGNAL_BASE else ""
    except ValueError:
        return ""
