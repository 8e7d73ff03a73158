"""Whatever a server or the network does becomes an answer, never an exception."""

from __future__ import annotations

import asyncio

import pytest

from lab.load.exchange import Answer, exchange
from lab.load.target import Target


def ask(url: str, timeout: float = 60.0) -> Answer:
    return asyncio.run(exchange(Target.parse(url), timeout))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/", Answer(200, None, "v1", "spring"), id="fine"),
        pytest.param("/fine?x=1", Answer(200, None, "v1", "spring"), id="query"),
        pytest.param("/broken", Answer(500, None, "v2", None), id="status"),
        pytest.param("/endless", Answer(200), id="body-without-length"),
        pytest.param("/truncated", Answer(error="truncated"), id="truncated"),
        pytest.param("/malformed", Answer(error="malformed"), id="malformed"),
    ],
)
def test_answers(service: str, path: str, expected: Answer) -> None:
    assert ask(service + path) == expected


def test_a_server_that_takes_too_long_is_a_timeout(service: str) -> None:
    assert ask(service + "/held", timeout=0.05) == Answer(error="timeout")


def test_nobody_there_is_refused(nobody: str) -> None:
    assert ask(nobody) == Answer(error="refused")


def test_a_connection_that_is_cut_is_a_reset() -> None:
    async def cut() -> Answer:
        server = await asyncio.start_server(lambda _, writer: writer.transport.abort(), "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await exchange(Target.parse(f"http://127.0.0.1:{port}"), 60.0)

    assert asyncio.run(cut()).error in {"reset", "truncated"}
