"""What the Job Builder library says of a broken tree, as an error with file, line and snippet, and what to do."""

from __future__ import annotations

from configparser import Error as IniError
from traceback import walk_tb
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

import jinja2
import yaml
from jenkins_jobs.errors import JenkinsJobsException

from cictl.clients.job_builder_aliases import TOO_MANY
from cictl.clients.job_builder_library import FailedJob, TextOfNoFile
from cictl.errors import ConfigInvalid, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cictl.errors import CictlError

_TEMPLATES_HINT = "correct the YAML at the last place named; those before it are what used it"
_MISSING_HINT = (
    "give it a value; 'cictl jobs render --data' prints what cictl.yaml gives, under other names than those that a"
    " jobs/ folder of an older cictl may use"
)
_VALUES_HINT = "give its values the types that Job Builder's documentation of the module names"
_ALIASES_HINT = "write fewer aliases of aliases: each stands for all that its anchor holds, and for that one's aliases"
_LONGEST_LINE, _LONGEST = 1_000, 20_000  # characters; what the library says of a value shows all of it
_YAML_HINT = "correct the YAML: an editor with YAML support shows the place"


def translated(error: Exception, *, data_name: str) -> CictlError:
    """Return ERROR, whatever the library raised, as one of cictl's own; DATA_NAME names what no file holds."""
    found = _translated(error)
    return type(found)(_shortened(found.message.replace(TextOfNoFile.name, data_name)), hint=found.hint)


def _shortened(message: str) -> str:
    """Return MESSAGE without the middles of what is too long to be read."""
    lines = "\n".join(_without_middle(line, _LONGEST_LINE) for line in message.split("\n"))
    return _without_middle(lines, _LONGEST)


def _without_middle(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}"


def _translated(error: Exception) -> CictlError:
    if isinstance(error, JenkinsJobsException):
        message = "\n".join(error.lines)
        return ConfigInvalid(message, hint=_hint(error.message))
    if isinstance(error, FailedJob):
        return _of_job(error)
    return _of_file(error) or ConfigInvalid(f"Job Builder fails on these jobs: {_told(error)}", hint=_VALUES_HINT)


def _hint(message: str) -> str:
    if message.startswith(TOO_MANY):
        return _ALIASES_HINT
    return _MISSING_HINT if "Missing parameter" in message else _TEMPLATES_HINT


def _of_file(error: Exception) -> CictlError | None:
    if isinstance(error, yaml.YAMLError):
        return ConfigInvalid(f"a job file is not YAML: {error}", hint=_YAML_HINT)
    if isinstance(error, jinja2.TemplateSyntaxError):
        where = f"{error.filename or error.name or 'a template'}:{error.lineno}"
        return ConfigInvalid(f"{where}: {error.message}", hint="correct the Jinja2 template")
    if isinstance(error, FileNotFoundError):
        return NotFound(f"there is no {error.filename}", hint="name a folder or file of Job Builder YAML")
    if isinstance(error, UnicodeDecodeError | PermissionError | IniError):
        return ConfigInvalid(f"a file of the jobs cannot be read: {error}", hint="they are UTF-8 text")
    return None


def _of_job(error: FailedJob) -> ConfigInvalid:
    where = f"{error.source}: " if error.source else ""
    cause = error.__cause__
    if isinstance(cause, ExpatError | ParseError):
        return ConfigInvalid(f"{where}job {error.job!r} is not XML: {cause}", hint="correct its `raw` XML and texts")
    calls = _calls(cause)
    if isinstance(cause, RecursionError) and (turn := _turn(calls)):
        names = " calls ".join(repr(str(each.component)) for each in (*turn, turn[0]))
        message = f"{where}job {error.job!r} has a macro without end, a {turn[0].kind}: {names}{_at(turn[0])}"
        return ConfigInvalid(message, hint="let the macro call something else than itself, be it by way of another")
    inside = f", in a {calls[-1].kind}{_at(calls[-1])}" if calls else ""
    message = f"{where}Job Builder fails on job {error.job!r}{inside}: {_told(cause or error)}"
    return ConfigInvalid(message, hint=_VALUES_HINT)


class _Call(NamedTuple):
    """One thing that a list of a job holds, as a builder or a publisher: what it is called, and where it stands."""

    kind: str
    component: object
    pos: object


def _calls(error: BaseException | None) -> list[_Call]:
    """Return what the library was at when ERROR came, the outermost first."""
    frames = (frame for frame, _ in walk_tb(error.__traceback__ if error else None))
    found = [frame.f_locals for frame in frames if frame.f_code.co_name == "dispatch"]
    return [_call(each["component_type"], each["component"]) for each in found if "component_type" in each]


def _call(kind: str, component: object) -> _Call:
    name = next(iter(component), "") if isinstance(component, dict) else component
    return _Call(kind, name, getattr(name, "pos", None) or getattr(component, "pos", None))


def _turn(calls: Sequence[_Call]) -> list[_Call]:
    """Return the macros that call each other in a circle, those of CALLS after the last of the same name."""
    if not calls:
        return []
    names = [(each.kind, str(each.component)) for each in calls]
    last = len(names) - 1
    before = next((place for place in range(last - 1, -1, -1) if names[place] == names[last]), None)
    return [] if before is None else list(calls[before:last])


def _at(call: _Call) -> str:
    path, line = getattr(call.pos, "path", None), getattr(call.pos, "line", None)
    return "" if path is None or line is None else f" ({path}:{line + 1})"


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
