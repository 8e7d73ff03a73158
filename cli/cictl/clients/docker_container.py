"""Runs one container to its end, takes files out of it, and leaves nothing behind: whatever ends this."""

from __future__ import annotations

import tarfile
import tempfile
import threading
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from docker.errors import APIError, NotFound
from docker.types import LogConfig

from cictl.clients.docker_engine import DockerEngine, Progress, lines_of, translated
from cictl.core.test_report import ContainerEnd

if TYPE_CHECKING:
    from docker.models.containers import Container

_LABEL = "dev.cictl.container"
_LAST_LINES = 20
_LARGEST_IN_MEMORY = 16 * 1024 * 1024


class ContainerRunner:
    """Containers of one engine."""

    def __init__(self, engine: DockerEngine) -> None:
        """ENGINE runs them."""
        self._engine = engine

    def run(
        self,
        image: str,
        *,
        command: Sequence[str] | None,
        take: str | None,
        timeout_seconds: float,
        progress: Progress,
    ) -> ContainerEnd:
        """Run IMAGE, or COMMAND in it, hand each line to PROGRESS, and take out the XML files at path TAKE."""
        with translated(self._engine.host), self._created(image, command) as container:
            container.start()
            timed_out = threading.Event()
            last: deque[str] = deque(maxlen=_LAST_LINES)
            with _ended_after(timeout_seconds, container, timed_out):
                for line in lines_of(container.logs(stream=True, follow=True)):
                    last.append(line)
                    progress(line)
                status = int(container.wait()["StatusCode"])
            files = tuple(_xml_files(container, take)) if take else ()
            return ContainerEnd(status, timed_out.is_set(), tuple(last), files)

    @contextmanager
    def _created(self, image: str, command: Sequence[str] | None) -> Iterator[Container]:
        name = f"cictl-{uuid.uuid4().hex[:12]}"  # known before it exists, so that it is found whenever we are stopped
        containers = self._engine.client.containers
        try:
            yield containers.create(
                image,
                name=name,
                entrypoint=list(command) if command else None,
                labels={_LABEL: "true"},
                log_config=LogConfig(type=LogConfig.types.JSON),  # others cannot be read back
            )
        finally:
            with suppress(NotFound):
                containers.get(name).remove(force=True, v=True)


@contextmanager
def _ended_after(seconds: float, container: Container, timed_out: threading.Event) -> Iterator[None]:
    """Kill CONTAINER when SECONDS are over; what follows its log then comes to an end."""

    def end() -> None:
        timed_out.set()
        with suppress(APIError):  # it ended by itself, just now
            container.kill()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _xml_files(container: Container, path: str) -> Iterator[tuple[str, bytes]]:
    """Yield the name, below PATH, and content of each XML file there; nothing, if nothing is there."""
    try:
        chunks, _ = container.get_archive(path)
    except NotFound:
        return
    with tempfile.SpooledTemporaryFile(max_size=_LARGEST_IN_MEMORY) as spool:
        for chunk in chunks:
            spool.write(chunk)
        spool.seek(0)
        with tarfile.open(fileobj=spool) as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isreg() else None
                if content is not None and member.name.endswith(".xml"):
                    yield _below(member.name), content.read()


def _below(name: str) -> str:
    """Return NAME without the folder that was asked for, and without what would lead out of the one it goes to."""
    parts = [part for part in PurePosixPath(name).parts if part not in {"/", "..", "."}]
    return "/".join(parts[1:] or parts)
