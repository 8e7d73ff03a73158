"""Writes rendered jobs into a folder, laid out as `jenkins-jobs test -o DIR --config-xml` does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cictl.clients.whole_file import write_output
from cictl.errors import ConfigInvalid, NotAllowed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cictl.core.rendered_job import RenderedJob


def write_jobs(jobs: Sequence[RenderedJob], folder: Path) -> None:
    """Write each of JOBS to FOLDER/FULL_NAME/config.xml; files of other jobs stay."""
    places = [_place(job, folder) for job in jobs]
    try:
        for made in sorted({folder, *(place.parent for place in places)}):
            made.mkdir(parents=True, exist_ok=True)
        for job, place in zip(jobs, places, strict=True):
            place.write_bytes(job.xml.encode())
    except OSError as error:
        raise _unwritable(error.filename or folder, error) from error


def write_text(path: Path, text: str, *, is_private: bool = False) -> None:
    """Write TEXT to PATH, whole or not at all; if IS_PRIVATE, for its owner alone."""
    try:
        write_output(path, text.encode(), is_private=is_private)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path | str, error: OSError) -> NotAllowed:
    return NotAllowed(f"{path} cannot be written: {error.strerror}", hint="name another place with --out")


def _place(job: RenderedJob, folder: Path) -> Path:
    if ".." in job.full_name.split("/") or "\0" in job.full_name:
        where = f"{job.source}: " if job.source else ""
        raise ConfigInvalid(f"{where}{job.full_name!r} would be written outside {folder}", hint="rename the job")
    return folder / job.full_name.strip("/") / "config.xml"
