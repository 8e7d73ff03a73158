from __future__ import annotations

import base64
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl import redaction
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


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("&lt;s3cret&gt; &amp; &quot;&#x27;ü", id="html"),
        pytest.param("&lt;s3cret&gt; &amp; \"'ü", id="xml"),
        pytest.param("<s3cret> & \\\"'\\u00fc", id="json"),
        pytest.param("%3Cs3cret%3E%20%26%20%22%27%C3%BC", id="url"),
        pytest.param("%3Cs3cret%3E+%26+%22%27%C3%BC", id="form"),
        pytest.param("PHMzY3JldD4gJiAiJ8O8", id="base64"),
        pytest.param("<s3cret> & \"'?", id="header"),
    ],
)
def test_what_servers_repeat_is_masked_however_they_quote_it(said: str) -> None:
    redact("<s3cret> & \"'ü")
    assert redacted(f"x={said} refused") == "x=[redacted] refused"


def test_the_lines_of_a_key_are_masked_each() -> None:
    redact("-----BEGIN KEY-----\nAAAAB3NzaC1yc2EAAAADAQAB\nserver: https://k8s.example.com:6443\n-----END KEY-----\n")
    assert redacted("bad line AAAAB3NzaC1yc2EAAAADAQAB") == "bad line [redacted]"
    assert redacted("at https://k8s.example.com:6443") == "at https://k8s.example.com:6443"


def test_short_values_would_mask_half_of_everything() -> None:
    redact("ab")
    assert redacted("about") == "about"


@pytest.mark.parametrize("word", ["admin", "Admin", "initial-password", "changeme", "123456", "test_user"])
def test_what_everybody_tries_first_is_masked_where_it_is_a_secret_and_nowhere_else(word: str) -> None:
    redact(f"{word}\n")
    said = f"{word} signs in by the password in {word}/{word}"
    assert redacted(said) == said
    assert redacted(f"password={word}") == "password=[redacted]"
    assert redacted(f"https://ann:{word}@host/") == "https://ann:[redacted]@host/"
    encoded = base64.b64encode(word.encode()).decode()
    assert redacted(f"x {encoded} y") == "x [redacted] y"


@pytest.mark.parametrize(
    "secret",
    [
        "adm1n!",
        "hunter2",
        "admin12345",
        "Admin1234",
        "jenkins2026",
        "test_user.1",
        "admin1",
        "admin-x7",
        "k9f2",
        "secret of mine",
        "correct horse",
        "98765",
        "p4ss",
        "ADMİN",
    ],
)
def test_whatever_else_is_masked_everywhere(secret: str) -> None:
    redact(secret)
    assert redacted(f"it is {secret}, is it") == "it is [redacted], is it"


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=12, max_size=40))
def test_random_values_are_never_taken_for_common_words(secret: str) -> None:
    redact(secret)
    assert redaction._COMMON_WORD.fullmatch(secret) or secret not in redacted(f"x{secret}y")


def test_data_becomes_what_json_can_say() -> None:
    redact("s3cret")
    data = {"a": ("x", {"b": "my s3cret"}), "c": float("nan"), "d": Phase.STEPPING, 3: None, "e": [True, 1.5]}
    expected = {"a": ["x", {"b": "my [redacted]"}], "c": None, "d": "stepping", "3": None, "e": [True, 1.5]}
    assert redacted_data(data) == expected


@pytest.mark.parametrize("word", ["a", "://", "://a:", "basic ", "password="])
def test_long_words_take_no_long_time(word: str) -> None:
    # As in a log with a picture in it: what tried each letter anew would take hours.
    assert redacted(word * 200_000)
