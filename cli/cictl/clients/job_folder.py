"""Writes rendered jobs into a folder, laid out as `jenkins-jobs test -o DIR --config-xml` does."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cictl.clients.private_file import write_private
from cictl.errors import ConfigInvalid, NotAllowed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cictl.core.rendered_job import RenderedJob


def write_jobs(jobs: Sequence[RenderedJob], folder: Path) -> None:
    """Write each of JOBS to FOLDER/FULL_NAME/config.xml; files of other jobs stay."""
    places = [_place(job, folder) for job in jobs]
    with _translated(folder):
        for made in sorted({folder, *(place.parent for place in places)}):
            made.mkdir(parents=True, exist_ok=True)
        for job, place in zip(jobs, places, strict=True):
            place.write_bytes(job.xml.encode())


def write_text(path: Path, text: str, *, is_private: bool = False) -> None:
    """Write TEXT to PATH, whole or not at all; if IS_PRIVATE, for its owner alone."""
    with _translated(path):
        if is_private:
            write_private(path, text)
            return
        beside = path.with_name(f".{path.name}.new")
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)


@contextmanager
def _translated(where: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"{error.filename or where} cannot be written: {error.strerror}"
        raise NotAllowed(message, hint="name another place with --out") from error


def _place(job: RenderedJob, folder: Path) -> Path:
    if ".." in job.full_name.split("/") or "\0" in job.full_name:
        where = f"{job.source}: " if job.source else ""
        raise ConfigInvalid(f"{where}{job.full_name!r} would be written outside {folder}", hint="rename the job")
    return folder / job.full_name.strip("/") / "config.xml"
