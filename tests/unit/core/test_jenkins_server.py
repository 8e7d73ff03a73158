from __future__ import annotations

import pytest

from cictl.core.jenkins_server import is_loopback, is_old_lts, looks_like_token


@pytest.mark.parametrize(
    ("version", "expected"),
    [("2.504.3", True), ("1.651", True), ("2.516.2", False), ("2.555.3", False), ("3.0", False), ("unknown", False)],
)
def test_is_old_lts(version: str, expected: bool) -> None:
    assert is_old_lts(version) is expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("ci.localhost", True),
        ("127.8.0.1", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("jenkins.example", False),
        ("", False),
    ],
)
def test_is_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("secret", "expected"),
    [("11" + "a0" * 16, True), ("a0" * 16, True), ("11" + "A0" * 16, False), ("hunter2", False), ("", False)],
)
def test_looks_like_token(secret: str, expected: bool) -> None:
    assert looks_like_token(secret) is expected
