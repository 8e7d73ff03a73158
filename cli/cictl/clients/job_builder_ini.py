"""What of `jenkins_jobs.ini` counts for rendering; the user and password in it are never kept, not even as a digest."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from cictl.errors import ConfigInvalid, NotFound

_NAME = "jenkins_jobs.ini"
_SECRET_OPTIONS = {"user", "password"}


def ini_parts(named: Path | None) -> list[object] | None:
    """Return what the file says that the library will read, from NAMED or where it looks; None if it names code."""
    if named is not None and not named.is_file():
        raise NotFound(f"there is no {named}", hint="name a jenkins_jobs.ini with --ini, or in JJB_CONF")
    path = next((place for place in ini_places(named) if place.is_file()), None)
    if path is None:
        return []
    import configparser  # noqa: PLC0415 - most have no such file

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError, OSError) as error:
        raise ConfigInvalid(f"{path} cannot be read: {error}", hint="it is Job Builder's jenkins_jobs.ini") from error
    if parser.has_option("job_builder", "filter_modules") and parser.get("job_builder", "filter_modules"):
        return None  # code of the user's own, which may do anything
    sections = (parser.default_section, *parser.sections())
    return [str(path), *([section, _options(parser, section)] for section in sections)]


def _options(parser: object, section: str) -> list[tuple[str, str]]:
    items = parser[section].items()  # type: ignore[index] # a ConfigParser, which is imported late
    return sorted((name, value) for name, value in items if name not in _SECRET_OPTIONS)


def ini_places(named: Path | None) -> list[Path]:
    """Return where the library looks for the file, first to last: NAMED alone, if it is named."""
    if named is not None:
        return [named]
    package = find_spec("jenkins_jobs")
    beside = [Path(package.origin).parent / _NAME] if package and package.origin else []
    home = Path(os.path.expanduser("~")) / ".config" / "jenkins_jobs" / _NAME  # noqa: PTH111 - as the library does
    return [*beside, home, Path("/etc/jenkins_jobs") / _NAME]
