"""What the Job Builder library says of a broken tree, as an error with file, line and snippet, and what to do."""

from __future__ import annotations

from configparser import Error as IniError
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ExpatError

import jinja2
import yaml
from jenkins_jobs.errors import JenkinsJobsException

from cictl.clients.job_builder_library import FailedJob, TextOfNoFile
from cictl.errors import ConfigInvalid, NotFound

if TYPE_CHECKING:
    from cictl.errors import CictlError

_TEMPLATES_HINT = "correct the YAML at the last place named; those before it are what used it"
_MISSING_HINT = (
    "give it a value; 'cictl jobs render --data' prints what cictl.yaml gives, under other names than those that a"
    " jobs/ folder of an older cictl may use"
)
_VALUES_HINT = "give its values the types that Job Builder's documentation of the module names"
_YAML_HINT = "correct the YAML: an editor with YAML support shows the place"


def translated(error: Exception, *, data_name: str) -> CictlError:
    """Return ERROR, whatever the library raised, as one of cictl's own; DATA_NAME names what no file holds."""
    found = _translated(error)
    return type(found)(found.message.replace(TextOfNoFile.name, data_name), hint=found.hint)


def _translated(error: Exception) -> CictlError:
    if isinstance(error, JenkinsJobsException):
        message = "\n".join(error.lines)
        return ConfigInvalid(message, hint=_MISSING_HINT if "Missing parameter" in message else _TEMPLATES_HINT)
    if isinstance(error, FailedJob):
        return _of_job(error)
    return _of_file(error) or ConfigInvalid(f"Job Builder fails on these jobs: {_told(error)}", hint=_VALUES_HINT)


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
    return ConfigInvalid(f"{where}Job Builder fails on job {error.job!r}: {_told(cause or error)}", hint=_VALUES_HINT)


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
