"""Watches of the Kubernetes API that follow, break off and begin again, on a server that a test speaks for."""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from cictl.clients.kubernetes_api import KubernetesApi
from cictl.clients.kubernetes_watch import LiveObjects, Selection
from cictl.errors import NotAllowed
from tests.contract.kubernetes_server import PODS, Json, status


# Watches.
def an_object(name: str, version: int, uid: str = "u") -> Json:
    return {"metadata": {"name": name, "resourceVersion": str(version), "uid": uid}}


class Last(bytes):
    """A chunk with which its watch ends: what comes after it is for the next."""


class Watches:
    """Answers lists with what `items` holds, and watches with the chunks that a test sends."""

    def __init__(self) -> None:
        self.items: list[Json] = [an_object("a", 5)]
        self.version = 10
        self.chunks: queue.Queue[bytes | None] = queue.Queue()
        self.asked: list[dict[str, str]] = []
        self.lists = 0
        self.is_over = False

    def answer(self, request: Request) -> Response:
        if request.args.get("watch") != "true":
            self.lists += 1
            body = {"metadata": {"resourceVersion": str(self.version)}, "items": self.items}
            return Response(json.dumps(body), content_type="application/json")
        self.asked.append(dict(request.args))
        return Response(self._stream(), content_type="application/json")

    def _stream(self) -> Iterator[bytes]:
        while not self.is_over:
            try:
                chunk = self.chunks.get(timeout=0.05)
            except queue.Empty:
                continue
            if chunk is None:
                return
            yield chunk
            if isinstance(chunk, Last):
                return

    def send(self, kind: str, raw: Json, *, cut: bool = False, is_last: bool = False) -> None:
        line = (Last if is_last else bytes)(json.dumps({"type": kind, "object": raw}).encode() + b"\n")
        for part in (line[:7], line[7:]) if cut else (line,):
            self.chunks.put(part)


@pytest.fixture
def watches(api_server: HTTPServer) -> Iterator[Watches]:
    watches = Watches()
    api_server.expect_request(PODS).respond_with_handler(watches.answer)
    yield watches
    watches.is_over = True


@contextmanager
def live(api: KubernetesApi) -> Iterator[LiveObjects]:
    objects = LiveObjects(api, "prod", {"pods": Selection("Pod", labels="app=shop")})
    objects.start()
    try:
        yield objects
    finally:
        objects.close()


def until(objects: LiveObjects, claim: Callable[[], bool]) -> None:
    """Wait by the watch's own changes until CLAIM holds."""
    deadline = time.monotonic() + 60
    seen = objects.changes
    while not claim():
        assert time.monotonic() < deadline, "it never came to hold"
        objects.wait(seen, 0.1)
        seen = objects.changes


def names(objects: LiveObjects) -> list[tuple[str, str]]:
    return [(raw["metadata"]["name"], raw["metadata"]["resourceVersion"]) for raw in objects.get("pods")]


def test_a_watch_follows(api: KubernetesApi, watches: Watches) -> None:
    with live(api) as objects:
        assert names(objects) == [("a", "5")]
        watches.send("ADDED", an_object("b", 11), cut=True)
        until(objects, lambda: names(objects) == [("a", "5"), ("b", "11")])
        watches.send("MODIFIED", an_object("a", 12))
        watches.send("DELETED", an_object("b", 13))
        until(objects, lambda: names(objects) == [("a", "12")])
        watches.send("BOOKMARK", an_object("", 20))
        watches.chunks.put(None)
        until(objects, lambda: len(watches.asked) == 2)
    first, second = watches.asked
    assert (first["resourceVersion"], first["labelSelector"], first["allowWatchBookmarks"]) == (
        "10",
        "app=shop",
        "true",
    )
    assert second["resourceVersion"] == "20", "it goes on where the bookmark was"
    assert watches.lists == 1


def test_an_older_copy_never_replaces_a_newer_one(api: KubernetesApi, watches: Watches) -> None:
    with live(api) as objects:
        objects.put("pods", an_object("a", 15))
        watches.send("MODIFIED", an_object("a", 12))
        watches.send("ADDED", an_object("b", 16))
        until(objects, lambda: len(names(objects)) == 2)
        assert names(objects) == [("a", "15"), ("b", "16")]
        objects.refresh()
        assert ("a", "15") in names(objects)
        objects.put("pods", an_object("a", 3, uid="another"))
        assert ("a", "3") in names(objects), "made again"


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(
            lambda watches: watches.send("ERROR", {"code": 410, "message": "too old"}, is_last=True), id="expired"
        ),
        pytest.param(lambda watches: watches.chunks.put(Last(b'{"type": "ADDED"')), id="cut-short"),
    ],
)
def test_a_watch_that_breaks_lists_again(
    api: KubernetesApi, watches: Watches, end: Callable[[Watches], object]
) -> None:
    with live(api) as objects:
        watches.items, watches.version = [an_object("c", 30)], 31
        end(watches)
        watches.send("ADDED", an_object("d", 40))
        until(objects, lambda: ("d", "40") in names(objects))
        assert objects.trouble() is None


def test_waiting_ends_at_a_change_a_wake_or_in_time(api: KubernetesApi, watches: Watches) -> None:
    assert watches.lists == 0
    with live(api) as objects:
        seen = objects.changes
        objects.wait(seen, 0.01)
        objects.wake()
        objects.wait(seen, None)
        assert objects.changes > seen


def test_what_cannot_be_listed_is_said_at_once(api_server: HTTPServer, api: KubernetesApi) -> None:
    api_server.expect_request(PODS).respond_with_response(status(403, "you may not list"))
    with pytest.raises(NotAllowed), live(api):
        pass
