"""The client against a server that answers as Prometheus 3 was recorded to."""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from cictl.clients.prometheus import Prometheus
from cictl.core.telemetry import Reading, Sample
from cictl.errors import CictlError, FarSideFailed, NotAllowed, TimedOut, Unreachable

AT = 1795254213.804
VECTOR = {
    "status": "success",
    "data": {
        "resultType": "vector",
        "result": [
            {"metric": {"__name__": "up", "pod": "a"}, "value": [AT, "1"]},
            {"metric": {}, "value": [AT, "NaN"]},
            {"metric": {}, "value": [AT, "+Inf"]},
        ],
    },
}
SCALAR = {"status": "success", "data": {"resultType": "scalar", "result": [AT, "42.5"]}}
EMPTY = {"status": "success", "data": {"resultType": "vector", "result": []}}
MATRIX = {"status": "success", "data": {"resultType": "matrix", "result": []}}
WARNED = {**EMPTY, "warnings": ["PromQL warning: quantile value should be between 0 and 1, got 2 (1:20)"]}
INFORMED = {**EMPTY, "infos": ["PromQL info: metric might not be a counter"]}
BAD_DATA = {
    "status": "error",
    "errorType": "bad_data",
    "error": 'invalid parameter "query": 1:5: parse error: unclosed left parenthesis',
}
GAVE_UP = {"status": "error", "errorType": "timeout", "error": "query timed out in expression evaluation"}
BUILD = {"status": "success", "data": {"version": "3.15.0", "revision": "abc"}}
PATH = "/api/v1/query"


@pytest.fixture
def prometheus(httpserver: HTTPServer) -> Iterator[Prometheus]:
    client = Prometheus(httpserver.url_for("/"), timeout_seconds=60.0)
    yield client
    client.close()


def test_vector(httpserver: HTTPServer, prometheus: Prometheus) -> None:
    httpserver.expect_oneshot_request(PATH).respond_with_json(VECTOR)
    first, nan, infinite = prometheus.query("up").samples
    assert first == Sample({"__name__": "up", "pod": "a"}, 1.0, AT)
    assert math.isnan(nan.value)
    assert infinite.value == math.inf


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(SCALAR, Reading((Sample({}, 42.5, AT),)), id="scalar"),
        pytest.param(EMPTY, Reading(), id="empty"),
        pytest.param(WARNED, Reading((), tuple(WARNED["warnings"])), id="a-warning-is-kept"),
        pytest.param(INFORMED, Reading(), id="an-information-is-not-a-warning"),
    ],
)
def test_answers(httpserver: HTTPServer, prometheus: Prometheus, answer: object, expected: Reading) -> None:
    httpserver.expect_oneshot_request(PATH).respond_with_json(answer)
    assert prometheus.query("up") == expected


def test_parameters(httpserver: HTTPServer, prometheus: Prometheus) -> None:
    expected = {"query": 'sum(x{a="b c&d"})', "time": "1795254213.804", "timeout": "61500ms"}
    httpserver.expect_oneshot_request(PATH, method="GET", query_string=expected).respond_with_json(EMPTY)
    assert prometheus.query(expected["query"], at=AT, timeout_seconds=61.5) == Reading()


def test_a_long_query_is_posted(httpserver: HTTPServer, prometheus: Prometheus) -> None:
    query = f'sum(x{{pod=~"{"a" * 3000}"}})'

    def answer(request: Request) -> Response:
        assert parse_qs(request.get_data(as_text=True))["query"] == [query]
        return Response('{"status":"success","data":{"resultType":"vector","result":[]}}')

    httpserver.expect_oneshot_request(PATH, method="POST").respond_with_handler(answer)
    assert prometheus.query(query) == Reading()
    httpserver.check_assertions()


def test_now_is_the_servers(httpserver: HTTPServer, prometheus: Prometheus) -> None:
    httpserver.expect_oneshot_request(PATH).respond_with_json(SCALAR)
    assert prometheus.now() == 42.5


def test_version(httpserver: HTTPServer, prometheus: Prometheus) -> None:
    httpserver.expect_oneshot_request("/api/v1/status/buildinfo").respond_with_json(BUILD)
    assert prometheus.version() == "3.15.0"


def test_bucket_bounds_ascend_without_infinity(httpserver: HTTPServer, prometheus: Prometheus) -> None:
    series = [{"metric": {"le": le}, "value": [AT, "1"]} for le in ("+Inf", "0.5", "0.1", "10")]
    answer = {"status": "success", "data": {"resultType": "vector", "result": series}}
    httpserver.expect_oneshot_request(PATH).respond_with_json(answer)
    assert prometheus.bucket_bounds("x_bucket") == (0.1, 0.5, 10.0)


def test_prefix_and_token(httpserver: HTTPServer) -> None:
    headers = {"Authorization": "Bearer hush"}
    httpserver.expect_oneshot_request(f"/prom{PATH}", headers=headers).respond_with_json(EMPTY)
    assert Prometheus(httpserver.url_for("/prom/"), token="hush").query("up") == Reading()


@pytest.mark.parametrize(
    ("status", "answer", "error", "message"),
    [
        pytest.param(400, BAD_DATA, FarSideFailed, "1:5: parse error: unclosed left parenthesis", id="query"),
        pytest.param(422, {**BAD_DATA, "errorType": "execution"}, FarSideFailed, "refuses the query", id="execution"),
        pytest.param(503, GAVE_UP, TimedOut, "gave up: query timed out", id="gave-up"),
        pytest.param(401, "who are you", NotAllowed, r"refuses \(401\): who are you", id="unauthorized"),
        pytest.param(403, "", NotAllowed, r"refuses \(403\): FORBIDDEN", id="forbidden"),
        pytest.param(404, "404 page not found", FarSideFailed, "answers 404: 404 page not found", id="wrong-path"),
        pytest.param(200, "<html>sign in</html>", FarSideFailed, "answers 200: <html>sign in", id="a-login-page"),
        pytest.param(200, MATRIX, FarSideFailed, "a matrix, where one value", id="range-vector"),
        pytest.param(200, {"status": "success"}, FarSideFailed, "what no Prometheus does", id="no-data"),
        pytest.param(503, "Service Unavailable", Unreachable, r"is not ready \(503\)", id="starting"),
    ],
)
def test_errors(
    httpserver: HTTPServer, prometheus: Prometheus, status: int, answer: object, error: type[CictlError], message: str
) -> None:
    request = httpserver.expect_request(PATH)
    if isinstance(answer, str):
        request.respond_with_data(answer, status=status)
    else:
        request.respond_with_json(answer, status=status)
    with pytest.raises(error, match=message) as caught:
        prometheus.query("up")
    assert caught.value.hint


def test_a_server_that_starts_is_asked_again(httpserver: HTTPServer, prometheus: Prometheus) -> None:
    httpserver.expect_ordered_request(PATH).respond_with_data("Service Unavailable", status=503)
    httpserver.expect_ordered_request(PATH).respond_with_json(SCALAR)
    assert prometheus.now() == 42.5


def test_a_refused_query_is_not_asked_again(httpserver: HTTPServer, prometheus: Prometheus) -> None:
    httpserver.expect_request(PATH).respond_with_json(BAD_DATA, status=400)
    with pytest.raises(FarSideFailed):
        prometheus.query("sum(")
    assert len(httpserver.log) == 1


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match=f"Prometheus at http://127.0.0.1:{port} cannot be reached: .*refused"):
        Prometheus(f"http://127.0.0.1:{port}", timeout_seconds=60.0).query("up")


def test_what_speaks_no_tls_is_told_whole(httpserver: HTTPServer) -> None:
    with pytest.raises(Unreachable, match=r": \[SSL: [A-Z_]+\] \w+"):
        Prometheus(f"https://127.0.0.1:{httpserver.port}", timeout_seconds=60.0).query("up")


def test_a_silent_server_costs_no_more_than_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = Prometheus(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_seconds=600.0)
        began = time.monotonic()
        with pytest.raises(TimedOut, match="did not answer in time"):
            client.query("up", timeout_seconds=0.5)
        client.close()
    assert time.monotonic() - began < 60
