"""The Kubernetes client against a local HTTP server that answers as an API server does."""

from __future__ import annotations

import json
import threading
from email.utils import formatdate
from typing import Any

import pytest
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
from cictl.errors import CictlError, ConfigInvalid, ExitCode, FarSideFailed, NotAllowed, NotFound, Unreachable
from tests.contract.kubernetes_server import PODS, SHOP, Json, connect, status


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
    api_server: HTTPServer, api: KubernetesApi, code: int, error: type[CictlError], exit_code: ExitCode
) -> None:
    api_server.expect_request("/api/v1/namespaces/prod/configmaps").respond_with_response(status(code, "because"))
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
    api_server: HTTPServer, api: KubernetesApi, details: Json | None, error: type[CictlError]
) -> None:
    api_server.expect_request(SHOP, method="PATCH").respond_with_response(status(422, details=details))
    with pytest.raises(error):
        api.patch("Deployment", "prod", "shop", [])


def test_a_namespace_that_is_not_there(api_server: HTTPServer, api: KubernetesApi) -> None:
    missing = status(404, 'namespaces "prod" not found', details={"kind": "namespaces", "name": "prod"})
    api_server.expect_request("/api/v1/namespaces/prod/configmaps").respond_with_response(missing)
    api_server.expect_request("/api/v1/namespaces/prod").respond_with_response(missing)
    api_server.expect_request("/api/v1/namespaces/hidden").respond_with_response(status(403))
    with pytest.raises(NotFound, match=r"^lab has no namespace 'prod'$") as caught:
        api.create("prod", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}})
    assert "kubectl create namespace prod" in (caught.value.hint or "")
    with pytest.raises(NotFound):
        api.check_namespace("prod")
    api.check_namespace("hidden")


def test_an_answer_that_is_no_status(api_server: HTTPServer, api: KubernetesApi) -> None:
    api_server.expect_request(SHOP).respond_with_data("<html>bad gateway</html>", status=502)
    with pytest.raises(Overloaded, match="bad gateway"):
        api.patch("Deployment", "prod", "shop", [])


@pytest.mark.parametrize("body", ["<html>sign in</html>", '["a"]', "\xff"])
def test_what_is_no_api_server(api_server: HTTPServer, api: KubernetesApi, body: str) -> None:
    api_server.expect_request(SHOP).respond_with_data(body)
    api_server.expect_request(PODS).respond_with_data(f"{body}\n")
    with pytest.raises(FarSideFailed, match="no JSON object"):
        api.get("Deployment", "prod", "shop")
    with pytest.raises(FarSideFailed, match=r"lab: GET .*/pods: the answer is no API server's"):
        next(api.connection.stream(PODS, {}, stopped=lambda: False))
    api_server.expect_request("/api/v1/namespaces/prod/services").respond_with_data('["a"]', status=400)
    with pytest.raises(Invalid, match=r'\["a"\]'):
        api.list("Service", "prod")


# Verbs.


def test_find_and_get(api_server: HTTPServer, api: KubernetesApi) -> None:
    api_server.expect_request(SHOP).respond_with_json({"metadata": {"name": "shop"}})
    api_server.expect_request(f"{SHOP}2").respond_with_response(status(404))
    assert api.get("Deployment", "prod", "shop") == {"metadata": {"name": "shop"}}
    assert api.find("Deployment", "prod", "shop2") is None
    with pytest.raises(NotFound):
        api.get("Deployment", "prod", "shop2")


def test_selectors(api_server: HTTPServer, api: KubernetesApi) -> None:
    query = {"labelSelector": "app=shop", "fieldSelector": "metadata.name=x"}
    api_server.expect_request(PODS, query_string=query).respond_with_json({"items": []})
    assert api.list("Pod", "prod", labels="app=shop", fields="metadata.name=x") == {"items": []}


@pytest.mark.parametrize(
    ("dry_run", "query"),
    [
        (False, {"fieldManager": "cictl"}),
        (True, {"fieldManager": "cictl", "dryRun": "All"}),
    ],
)
def test_a_patch(api_server: HTTPServer, api: KubernetesApi, dry_run: bool, query: dict[str, str]) -> None:
    operations = [{"op": "test", "path": "/x", "value": None}]
    api_server.expect_request(
        SHOP,
        method="PATCH",
        query_string=query,
        json=operations,
        headers={"Content-Type": "application/json-patch+json"},
    ).respond_with_json({"ok": 1})
    assert api.patch("Deployment", "prod", "shop", operations, dry_run=dry_run) == {"ok": 1}


def test_an_apply_an_update_and_a_delete(api_server: HTTPServer, api: KubernetesApi) -> None:
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "shop"}}
    api_server.expect_ordered_request(
        SHOP,
        method="PATCH",
        query_string={"fieldManager": "cictl", "force": "true"},
        headers={"Content-Type": "application/apply-patch+yaml"},
    ).respond_with_json({})
    api_server.expect_ordered_request(SHOP, method="PUT", json=body).respond_with_json({})
    options = {"preconditions": {"uid": "u"}, "propagationPolicy": "Background"}
    api_server.expect_ordered_request(SHOP, method="DELETE", json=options).respond_with_json({})
    api_server.expect_ordered_request(SHOP, method="DELETE").respond_with_response(status(404))
    api.apply("prod", body, force=True)
    api.replace("prod", body)
    api.delete("Deployment", "prod", "shop", uid="u")
    api.delete("Deployment", "prod", "shop", uid="u")
    assert [request.method for request, _ in api_server.log] == ["PATCH", "PUT", "DELETE", "DELETE"]


def test_a_kind_that_is_not_built_in_is_looked_up_once(api_server: HTTPServer, api: KubernetesApi) -> None:
    resources = [
        {"name": "monitors/status", "kind": "Monitor", "namespaced": True},
        {"name": "monitors", "kind": "Monitor", "namespaced": True},
    ]
    api_server.expect_oneshot_request("/apis/m.io/v1").respond_with_json({"resources": resources})
    for _ in range(2):
        assert api.kind("m.io/v1", "Monitor") == Kind("m.io/v1", "Monitor", "monitors")
    api_server.expect_request("/apis/n.io/v1").respond_with_json({"resources": []})
    with pytest.raises(NotFound, match=r"serves no kind X in n\.io/v1"):
        api.kind("n.io/v1", "X")


def test_rights_without_a_list_of_rules(api_server: HTTPServer, api: KubernetesApi) -> None:
    review = "/apis/authorization.k8s.io/v1/selfsubject"
    api_server.expect_request(f"{review}rulesreviews").respond_with_json({"message": "not served"}, status=404)
    api_server.expect_request(f"{review}accessreviews").respond_with_json({"status": {"allowed": True}})
    assert api.may("prod", "patch", "Deployment")


def test_rights(api_server: HTTPServer, api: KubernetesApi) -> None:
    asked: list[Json] = []

    def answer(request: Request) -> Response:
        asked.append(json.loads(request.data)["spec"]["resourceAttributes"])
        return Response(json.dumps({"status": {"allowed": len(asked) == 1}}), content_type="application/json")

    review = "/apis/authorization.k8s.io/v1/selfsubject"
    rules = {"status": {"resourceRules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}]}}
    api_server.expect_oneshot_request(f"{review}rulesreviews").respond_with_json(rules)
    api_server.expect_request(f"{review}accessreviews").respond_with_handler(answer)
    assert api.may("prod", "get", "Pod")
    assert not asked, "the rules were listed, so nothing more is asked"
    assert api.may("prod", "patch", "Deployment")
    assert not api.may("prod", "get", "Pod", "log")
    assert (asked[0]["group"], asked[0]["resource"], asked[0]["verb"]) == ("apps", "deployments", "patch")
    assert asked[1]["subresource"] == "log"


def test_the_end_of_a_log(api_server: HTTPServer, api: KubernetesApi) -> None:
    query = {"container": "app", "tailLines": "2", "previous": "true"}
    api_server.expect_request(f"{PODS}/p/log", query_string=query).respond_with_data(b"one\n\xfftwo\n")
    assert api.log_tail("prod", "p", "app", previous=True, lines=2) == ("one", "\ufffdtwo")


# Lost answers.
def test_reads_are_tried_again(api_server: HTTPServer, api: KubernetesApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes_connection, "READ_DEADLINE_SECONDS", 60.0)
    api_server.expect_ordered_request(SHOP).respond_with_response(status(503))
    api_server.expect_ordered_request(SHOP).respond_with_json({"ok": 1})
    assert api.get("Deployment", "prod", "shop") == {"ok": 1}


def test_writes_are_sent_once(api_server: HTTPServer, api: KubernetesApi) -> None:
    api_server.expect_request(SHOP, method="PATCH").respond_with_response(status(503))
    with pytest.raises(Overloaded):
        api.patch("Deployment", "prod", "shop", [])
    assert len(api_server.log) == 1


def test_an_answer_that_never_comes(api_server: HTTPServer) -> None:
    done, go = threading.Event(), threading.Event()

    def late(_request: Request) -> Response:
        done.set()
        go.wait(60)
        return Response("{}")

    api_server.expect_request(SHOP).respond_with_handler(late)
    api = KubernetesApi(connect(api_server.url_for(""), timeout=0.2))
    try:
        with pytest.raises(AnswerLost, match="does not answer PATCH"):
            api.patch("Deployment", "prod", "shop", [])
        assert done.wait(60), "the write was done all the same"
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
def test_the_servers_time(api_server: HTTPServer, monkeypatch: pytest.MonkeyPatch, offset: int) -> None:
    connection = connect(api_server.url_for(""))
    wall = 1_700_000_000.0 + offset
    monkeypatch.setattr(WSGIRequestHandler, "date_time_string", lambda *_: formatdate(wall, usegmt=True))
    api_server.expect_request("/version").respond_with_json({})
    assert connection.now() == pytest.approx(wall, abs=1.0)
    assert connection.now() == pytest.approx(wall, abs=1.0)
    assert len(api_server.log) == 1, "it is asked once"


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
