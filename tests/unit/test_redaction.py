from __future__ import annotations

from enum import StrEnum

import pytest

from cictl.redaction import redact, redacted, redacted_data


class Phase(StrEnum):
    STEPPING = "stepping"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Authorization: Bearer abcdef.ghi", "Authorization: Bearer [redacted]", id="bearer"),
        pytest.param("{'Authorization': 'Basic dXNlcjpwYXNz'}", "{'Authorization': 'Basic [redacted]'}", id="dict"),
        pytest.param("authorization=abc", "authorization=[redacted]", id="lower-case"),
        pytest.param("https://ann:s3cret@host/x", "https://ann:[redacted]@host/x", id="url"),
        pytest.param("https://:s3cret@host", "https://:[redacted]@host", id="url-without-user"),
        pytest.param('{"password": "s3cret"}', '{"password": "[redacted]"}', id="json-password"),
        pytest.param("api_token=s3cret&x=1", "api_token=[redacted]&x=1", id="query"),
        pytest.param("the basic things of http://host:80/a@b", "the basic things of http://host:80/a@b", id="prose"),
        pytest.param("http://host:5000/v2/ shop@sha256:ab", "http://host:5000/v2/ shop@sha256:ab", id="image"),
    ],
)
def test_what_looks_like_a_secret(text: str, expected: str) -> None:
    assert redacted(text) == expected


def test_registered_values_are_masked_longest_first() -> None:
    assert redact("abcd") == "abcd"
    redact("abcdef\n")
    assert redacted("x abcdef abcd") == "x [redacted] [redacted]"


def test_short_values_would_mask_half_of_everything() -> None:
    redact("ab")
    assert redacted("about") == "about"


def test_data_becomes_what_json_can_say() -> None:
    redact("s3cret")
    data = {"a": ("x", {"b": "my s3cret"}), "c": float("nan"), "d": Phase.STEPPING, 3: None, "e": [True, 1.5]}
    expected = {"a": ["x", {"b": "my [redacted]"}], "c": None, "d": "stepping", "3": None, "e": [True, 1.5]}
    assert redacted_data(data) == expected


@pytest.mark.parametrize("word", ["a", "://", "://a:", "basic ", "password="])
def test_long_words_take_no_long_time(word: str) -> None:
    # As in a log with a picture in it: what tried each letter anew would take hours.
    assert redacted(word * 200_000)
