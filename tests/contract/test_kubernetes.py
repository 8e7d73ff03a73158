"""The Kubernetes client against a local HTTP server that answers as an API server does."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from typing import Any

import pytest
from kubernetes.client import ApiClient, Configuration
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler

from cictl.clients import kubernetes_connection
from cictl.clients.kubernetes_api import Kind, KubernetesApi
from cictl.clients.kubernetes_connection import (
    AnswerLost,
    Connection,
    Invalid,
    Moved,
    Overloaded,
    WatchExpired,
)
from cictl.clients.kubernetes_watch import LiveObjects, Selection
from cictl.errors import CictlError, ConfigInvalid, ExitCode, NotAllowed, NotFound, Unreachable

Json = dict[str, Any]
PODS = "/api/v1/namespaces/prod/pods"
SHOP = "/apis/apps/v1/namespaces/prod/deployments/shop"


def connect(url: str, timeout: float = 5.0) -> Connection:
    configuration = Configuration()
    configuration.host = url.rstrip("/")
    configuration.retries = False
    return Connection(ApiClient(configuration), name="lab", timeout_seconds=timeout)


@pytest.fixture(scope="module")
def server() -> Iterator[HTTPServer]:
    """Serve several requests at once, and watches in chunks, as an API server does."""
    with pytest.MonkeyPatch.context() as patched, HTTPServer(threaded=True) as server:
        patched.setattr(WSGIRequestHandler, "protocol_version", "HTTP/1.1")
        yield server


@pytest.fixture
def httpserver(server: HTTPServer) -> HTTPServer:
    server.clear()
    return server


@pytest.fixture
def api(httpserver: HTTPServer) -> KubernetesApi:
    return KubernetesApi(connect(httpserver.url_for("")))


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes_connection, "READ_DEADLINE_SECONDS", 0.3)


def status(code: int, message: str = "no", **more: object) -> Response:
    body = {"kind": "Status", "status": "Failure", "message": message, "code": code, **more}
    return Response(json.dumps(body), code, content_type="application/json")


# Errors in our words.


@pytest.mark.parametrize(
    ("code", "error", "exit_code"),
    [
        (401, NotAllowed, ExitCode.NOT_ALLOWED),
        (403, NotAllowed, ExitCode.NOT_ALLOWED),
        (404, NotFound, ExitCode.NOT_FOUND),
        (409, Moved, ExitCode.CONFLICT),
        (410, WatchExpired, ExitCode.CONFLICT),
        (400, Invalid, ExitCode.FAR_SIDE_FAILED),
        (422, Invalid, ExitCode.FAR_SIDE_FAILED),
        (429, Overloaded, ExitCode.UNREACHABLE),
        (500, Overloaded, ExitCode.UNREACHABLE),
        (503, Overloaded, ExitCode.UNREACHABLE),
    ],
)
def test_refusals(
    httpserver: HTTPServer, api: KubernetesApi, code: int, error: type[CictlError], exit_code: ExitCode
) -> None:
    httpserver.expect_request("/api/v1/namespaces/prod/configmaps").respond_with_response(status(code, "because"))
    with pytest.raises(error, match=r"lab: POST .*: because \(HTTP ") as caught:
        api.create("prod", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}})
    assert caught.value.exit_code is exit_code


@pytest.mark.parametrize(
    ("details", "error"),
    [
        pytest.param(None, Moved, id="a-failing-test-names-no-cause"),
        pytest.param({}, Moved, id="empty-details"),
        pytest.param({"causes": [{"field": "spec"}]}, Invalid, id="not-valid"),
    ],
)
def test_what_a_patch_was_refused_for(
    httpserver: HTTPServer, api: KubernetesApi, details: Json | None, error: type[CictlError]
) -> None:
    httpserver.expect_request(SHOP, method="PATCH").respond_with_response(status(422, details=details))
    with pytest.raises(error):
        api.patch("Deployment", "prod", "shop", [])


def test_a_namespace_that_is_not_there(httpserver: HTTPServer, api: KubernetesApi) -> None:
    missing = status(404, 'namespaces "prod" not found', details={"kind": "namespaces", "name": "prod"})
    httpserver.expect_request("/api/v1/namespaces/prod/configmaps").respond_with_response(missing)
    httpserver.expect_request("/api/v1/namespaces/prod").respond_with_response(missing)
    httpserver.expect_request("/api/v1/namespaces/hidden").respond_with_response(status(403))
    with pytest.raises(NotFound, match=r"^lab has no namespace 'prod'$") as caught:
        api.create("prod", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}})
    assert "kubectl create namespace prod" in (caught.value.hint or "")
    with pytest.raises(NotFound):
        api.check_namespace("prod")
    api.check_namespace("hidden")


def test_an_answer_that_is_no_status(httpserver: HTTPServer, api: KubernetesApi) -> None:
    httpserver.expect_request(SHOP).respond_with_data("<html>bad gateway</html>", status=502)
    with pytest.raises(Overloaded, match="bad gateway"):
        api.patch("Deployment", "prod", "shop", [])


# Verbs.


def test_find_and_get(httpserver: HTTPServer, api: KubernetesApi) -> None:
    httpserver.expect_request(SHOP).respond_with_json({"metadata": {"name": "shop"}})
    httpserver.expect_request(f"{SHOP}2").respond_with_response(status(404))
    assert api.get("Deployment", "prod", "shop") == {"metadata": {"name": "shop"}}
    assert api.find("Deployment", "prod", "shop2") is None
    with pytest.raises(NotFound):
        api.get("Deployment", "prod", "shop2")


def test_selectors(httpserver: HTTPServer, api: KubernetesApi) -> None:
    query = {"labelSelector": "app=shop", "fieldSelector": "metadata.name=x"}
    httpserver.expect_request(PODS, query_string=query).respond_with_json({"items": []})
    assert api.list("Pod", "prod", labels="app=shop", fields="metadata.name=x") == {"items": []}


@pytest.mark.parametrize(
    ("dry_run", "query"),
    [
        (False, {"fieldManager": "cictl"}),
        (True, {"fieldManager": "cictl", "dryRun": "All"}),
    ],
)
def test_a_patch(httpserver: HTTPServer, api: KubernetesApi, dry_run: bool, query: dict[str, str]) -> None:
    operations = [{"op": "test", "path": "/x", "value": None}]
    httpserver.expect_request(
        SHOP,
        method="PATCH",
        query_string=query,
        json=operations,
        headers={"Content-Type": "application/json-patch+json"},
    ).respond_with_json({"ok": 1})
    assert api.patch("Deployment", "prod", "shop", operations, dry_run=dry_run) == {"ok": 1}


def test_an_apply_an_update_and_a_delete(httpserver: HTTPServer, api: KubernetesApi) -> None:
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "shop"}}
    httpserver.expect_ordered_request(
        SHOP,
        method="PATCH",
        query_string={"fieldManager": "cictl", "force": "true"},
        headers={"Content-Type": "application/apply-patch+yaml"},
    ).respond_with_json({})
    httpserver.expect_ordered_request(SHOP, method="PUT", json=body).respond_with_json({})
    options = {"preconditions": {"uid": "u"}, "propagationPolicy": "Background"}
    httpserver.expect_ordered_request(SHOP, method="DELETE", json=options).respond_with_json({})
    httpserver.expect_ordered_request(SHOP, method="DELETE").respond_with_response(status(404))
    api.apply("prod", body, force=True)
    api.replace("prod", body)
    api.delete("Deployment", "prod", "shop", uid="u")
    api.delete("Deployment", "prod", "shop", uid="u")


def test_a_kind_that_is_not_built_in_is_looked_up_once(httpserver: HTTPServer, api: KubernetesApi) -> None:
    resources = [
        {"name": "monitors/status", "kind": "Monitor", "namespaced": True},
        {"name": "monitors", "kind": "Monitor", "namespaced": True},
    ]
    httpserver.expect_oneshot_request("/apis/m.io/v1").respond_with_json({"resources": resources})
    for _ in range(2):
        assert api.kind("m.io/v1", "Monitor") == Kind("m.io/v1", "Monitor", "monitors")
    httpserver.expect_request("/apis/n.io/v1").respond_with_json({"resources": []})
    with pytest.raises(NotFound, match=r"serves no kind X in n\.io/v1"):
        api.kind("n.io/v1", "X")


def test_rights_without_a_list_of_rules(httpserver: HTTPServer, api: KubernetesApi) -> None:
    review = "/apis/authorization.k8s.io/v1/selfsubject"
    httpserver.expect_request(f"{review}rulesreviews").respond_with_json({"message": "not served"}, status=404)
    httpserver.expect_request(f"{review}accessreviews").respond_with_json({"status": {"allowed": True}})
    assert api.may("prod", "patch", "Deployment")


def test_rights(httpserver: HTTPServer, api: KubernetesApi) -> None:
    asked: list[Json] = []

    def answer(request: Request) -> Response:
        asked.append(json.loads(request.data)["spec"]["resourceAttributes"])
        return Response(json.dumps({"status": {"allowed": len(asked) == 1}}), content_type="application/json")

    review = "/apis/authorization.k8s.io/v1/selfsubject"
    rules = {"status": {"resourceRules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}]}}
    httpserver.expect_oneshot_request(f"{review}rulesreviews").respond_with_json(rules)
    httpserver.expect_request(f"{review}accessreviews").respond_with_handler(answer)
    assert api.may("prod", "get", "Pod")
    assert not asked, "the rules were listed, so nothing more is asked"
    assert api.may("prod", "patch", "Deployment")
    assert not api.may("prod", "get", "Pod", "log")
    assert (asked[0]["group"], asked[0]["resource"], asked[0]["verb"]) == ("apps", "deployments", "patch")
    assert asked[1]["subresource"] == "log"


def test_the_end_of_a_log(httpserver: HTTPServer, api: KubernetesApi) -> None:
    query = {"container": "app", "tailLines": "2", "previous": "true"}
    httpserver.expect_request(f"{PODS}/p/log", query_string=query).respond_with_data(b"one\n\xfftwo\n")
    assert api.log_tail("prod", "p", "app", previous=True, lines=2) == ("one", "\ufffdtwo")


# Lost answers.


def test_reads_are_tried_again(httpserver: HTTPServer, api: KubernetesApi) -> None:
    httpserver.expect_ordered_request(SHOP).respond_with_response(status(503))
    httpserver.expect_ordered_request(SHOP).respond_with_json({"ok": 1})
    assert api.get("Deployment", "prod", "shop") == {"ok": 1}


def test_writes_are_sent_once(httpserver: HTTPServer, api: KubernetesApi) -> None:
    httpserver.expect_request(SHOP, method="PATCH").respond_with_response(status(503))
    with pytest.raises(Overloaded):
        api.patch("Deployment", "prod", "shop", [])
    assert len(httpserver.log) == 1


def test_an_answer_that_never_comes(httpserver: HTTPServer) -> None:
    done, go = threading.Event(), threading.Event()

    def late(_request: Request) -> Response:
        done.set()
        go.wait(5)
        return Response("{}")

    httpserver.expect_request(SHOP).respond_with_handler(late)
    api = KubernetesApi(connect(httpserver.url_for(""), timeout=0.2))
    try:
        with pytest.raises(AnswerLost, match="does not answer PATCH"):
            api.patch("Deployment", "prod", "shop", [])
        assert done.is_set(), "the write was done all the same"
    finally:
        go.set()


def test_nobody_is_there() -> None:
    api = KubernetesApi(connect("http://127.0.0.1:1"))
    with pytest.raises(Unreachable, match=r"lab \(http://127\.0\.0\.1:1\) does not answer GET"):
        api.get("Deployment", "prod", "shop")
    with pytest.raises(AnswerLost):
        api.patch("Deployment", "prod", "shop", [])


def test_a_context_that_is_not_there(tmp_path: Any) -> None:  # noqa: ANN401 - a path
    kubeconfig = tmp_path / "config"
    kubeconfig.write_text("apiVersion: v1\nkind: Config\ncontexts: []\nclusters: []\nusers: []\n")
    with pytest.raises(ConfigInvalid, match="no context 'lab'"):
        Connection.from_kubeconfig("lab", path=str(kubeconfig))


@pytest.mark.parametrize("content", [b"x: [", b"\xff\xfe\x00", b"- a\n"])
def test_a_kubeconfig_that_is_none(tmp_path: Any, content: bytes) -> None:  # noqa: ANN401 - a path
    kubeconfig = tmp_path / "config"
    kubeconfig.write_bytes(content)
    with pytest.raises(ConfigInvalid, match="kubeconfig"):
        Connection.from_kubeconfig("lab", path=str(kubeconfig))


# The server's time.


@pytest.mark.parametrize("offset", [-3600, 0, 3600])
def test_the_servers_time(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, offset: int) -> None:
    connection = connect(httpserver.url_for(""))
    wall = 1_700_000_000.0 + offset
    monkeypatch.setattr(WSGIRequestHandler, "date_time_string", lambda *_: formatdate(wall, usegmt=True))
    httpserver.expect_request("/version").respond_with_json({})
    assert connection.now() == pytest.approx(wall, abs=1.0)
    assert connection.now() == pytest.approx(wall, abs=1.0)
    assert len(httpserver.log) == 1, "it is asked once"


def test_time_gets_nearer_and_follows_a_step_back() -> None:
    connection = connect("http://127.0.0.1:1")
    for date, sent, expected in (
        (1000, 10.9, 989.1),  # a second that is nearly over
        (1000, 10.1, 989.9),  # the greatest lower bound is nearest
        (1001, 11.5, 989.9),
        (900, 12.0, 888.0),  # somebody has set the clock back
    ):
        connection._note_date(formatdate(date, usegmt=True), sent)
        assert connection._offset == pytest.approx(expected)
    connection._note_date(None, 13.0)
    assert connection._offset == pytest.approx(888.0)


# Watches.


def an_object(name: str, version: int, uid: str = "u") -> Json:
    return {"metadata": {"name": name, "resourceVersion": str(version), "uid": uid}}


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

    def send(self, kind: str, raw: Json, *, cut: bool = False) -> None:
        line = json.dumps({"type": kind, "object": raw}).encode() + b"\n"
        for part in (line[:7], line[7:]) if cut else (line,):
            self.chunks.put(part)


@pytest.fixture
def watches(httpserver: HTTPServer) -> Iterator[Watches]:
    watches = Watches()
    httpserver.expect_request(PODS).respond_with_handler(watches.answer)
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
    for _ in range(100):
        seen = objects.changes
        if claim():
            return
        objects.wait(seen, 0.1)
    pytest.fail("it never came to hold")


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
        pytest.param(lambda watches: watches.send("ERROR", {"code": 410, "message": "too old"}), id="expired"),
        pytest.param(lambda watches: watches.chunks.put(b'{"type": "ADDED"'), id="cut-short"),
    ],
)
def test_a_watch_that_breaks_lists_again(
    api: KubernetesApi, watches: Watches, end: Callable[[Watches], object]
) -> None:
    with live(api) as objects:
        watches.items, watches.version = [an_object("c", 30)], 31
        end(watches)
        watches.chunks.put(None)
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


def test_what_cannot_be_listed_is_said_at_once(httpserver: HTTPServer, api: KubernetesApi) -> None:
    httpserver.expect_request(PODS).respond_with_response(status(403, "you may not list"))
    with pytest.raises(NotAllowed), live(api):
        pass
