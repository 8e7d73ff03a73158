from __future__ import annotations

import io
import tarfile
import threading
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from docker.errors import APIError, ImageNotFound, NotFound

from cictl.clients.docker_container import ContainerRunner
from cictl.clients.docker_engine import DockerEngine
from cictl.core.test_report import ContainerEnd
from cictl.errors import CictlError
from cictl.errors import NotFound as CictlNotFound


class Container:
    """A container that prints, leaves files, and ends by itself or when it is killed."""

    def __init__(
        self, *, lines: bytes = b"", status: int = 0, archive: bytes | None = None, hangs: bool = False
    ) -> None:
        self.lines, self.status, self.archive = lines, status, archive
        self.ended = threading.Event()
        if not hangs:
            self.ended.set()
        self.asked: dict[str, Any] = {}
        self.interrupt: BaseException | None = None
        self.removed = False

    def start(self) -> None:
        assert self.asked, "it is created first"

    def logs(self, *, stream: bool, follow: bool) -> Iterator[bytes]:
        assert stream
        assert follow
        yield self.lines
        if self.interrupt:
            raise self.interrupt
        assert self.ended.wait(60)

    def kill(self) -> None:
        if self.ended.is_set():
            raise APIError("409", explanation="not running")
        self.status = 137
        self.ended.set()

    def wait(self) -> Mapping[str, int]:
        return {"StatusCode": self.status}

    def get_archive(self, path: str) -> tuple[Iterator[bytes], object]:
        if self.archive is None:
            raise NotFound(path)
        return iter([self.archive[:100], self.archive[100:]]), {}

    def remove(self, *, force: bool, v: bool) -> None:
        assert force
        assert v
        self.removed = True


class Containers:
    """The engine's containers: one."""

    def __init__(self, container: Container, *, error: Exception | None = None) -> None:
        self.container, self.error = container, error

    def create(self, image: str, **options: object) -> Container:
        if self.error:
            raise self.error
        self.container.asked = {"image": image, **options}
        return self.container

    def get(self, name: str) -> Container:
        if self.container.asked.get("name") != name:
            raise NotFound("no such container")
        return self.container


class Nobody:
    """A source of credentials that knows none."""

    def find(self, registry: str) -> None:
        assert registry


def run(container: Container, error: Exception | None = None, *, seconds: float = 30.0, **options: Any) -> ContainerEnd:  # noqa: ANN401 - of several types
    engine = DockerEngine({"DOCKER_HOST": "unix:///nowhere.sock"}, Nobody())
    engine.__dict__["client"] = SimpleNamespace(containers=Containers(container, error=error))
    given = {"command": None, "take": "/reports", "progress": lambda _line: None, **options}
    return ContainerRunner(engine).run("sha256:abc", timeout_seconds=seconds, **given)


def tar(files: Mapping[str, bytes], *links: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        for name in links:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(entry)
    return buffer.getvalue()


def test_a_run_streams_and_is_removed() -> None:
    container = Container(lines=b"one\ntwo\n", status=3)
    lines: list[str] = []
    end = run(container, progress=lines.append)
    assert end == ContainerEnd(3, last_lines=("one", "two"))
    assert lines == ["one", "two"]
    assert container.removed


def test_only_the_last_lines_are_kept() -> None:
    end = run(Container(lines=b"".join(b"%d\n" % n for n in range(100))))
    assert end.last_lines[-1] == "99"
    assert len(end.last_lines) == 20


@pytest.mark.parametrize(("command", "entrypoint"), [(None, None), (("make", "check"), ["make", "check"])])
def test_a_command_stands_in_place_of_the_images_own(
    command: tuple[str, ...] | None, entrypoint: list[str] | None
) -> None:
    container = Container()
    run(container, command=command)
    assert container.asked["entrypoint"] == entrypoint


@pytest.mark.parametrize(
    ("files", "taken"),
    [
        pytest.param({"junit.xml": b"<a/>"}, (("junit.xml", b"<a/>"),), id="file"),
        pytest.param(
            {"reports/a.xml": b"<a/>", "reports/unit/b.xml": b"<b/>", "reports/log.txt": b""},
            (("a.xml", b"<a/>"), ("unit/b.xml", b"<b/>")),
            id="folder",
        ),
        pytest.param({"reports/../../../etc/x.xml": b"<a/>"}, (("etc/x.xml", b"<a/>"),), id="way-out"),
        pytest.param({"/etc/x.xml": b"<a/>"}, (("x.xml", b"<a/>"),), id="absolute"),
        pytest.param({}, (), id="empty"),
    ],
)
def test_xml_files_are_taken_out(files: Mapping[str, bytes], taken: tuple[tuple[str, bytes], ...]) -> None:
    assert run(Container(status=1, archive=tar(files, "reports/link.xml"))).files == taken


def test_nothing_is_asked_for_without_a_path() -> None:
    assert run(Container(archive=tar({"junit.xml": b""})), take=None).files == ()


def test_a_container_that_never_ends_is_ended_and_its_files_taken() -> None:
    container = Container(hangs=True, archive=tar({"junit.xml": b"<a/>"}))
    end = run(container, seconds=0.05)
    assert end.timed_out
    assert end.files
    assert container.removed


def test_an_interrupt_leaves_nothing() -> None:
    container = Container(hangs=True)
    container.interrupt = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        run(container)
    assert container.removed


def test_an_image_that_is_gone() -> None:
    container = Container()
    with pytest.raises(CictlNotFound):
        run(container, ImageNotFound("404", explanation="No such image"))
    assert not container.removed


def test_a_program_that_is_not_in_the_image() -> None:
    container = Container()
    with pytest.raises(CictlError, match="not found in \\$PATH"):
        run(container, APIError("400", explanation='exec: "make": executable file not found in $PATH'))
