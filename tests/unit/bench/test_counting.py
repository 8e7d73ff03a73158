from __future__ import annotations

import pytest

from bench.counting import read_head


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param(b"GET /api HTTP/1.1\r\nHost: x\r\n\r\n", ("GET", 0), id="no-body"),
        pytest.param(b"PATCH /api HTTP/1.1\r\nContent-Length: 12\r\n\r\n", ("PATCH", 12), id="body"),
        pytest.param(b"PATCH /api HTTP/1.1\r\ncontent-length:7\r\n\r\n", ("PATCH", 7), id="names-in-any-case"),
        pytest.param(b"GET /api?watch=true&x=1 HTTP/1.1\r\n\r\n", ("WATCH", 0), id="watch"),
        pytest.param(b"GET /api?x=1&watch=1 HTTP/1.1\r\n\r\n", ("WATCH", 0), id="watch-as-a-number"),
    ],
)
def test_read_head(head: bytes, expected: tuple[str, int]) -> None:
    assert read_head(head) == expected
