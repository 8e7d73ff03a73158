from __future__ import annotations

import json
import logging

import pytest

from cictl.logs import LogFormat, configure, redact, redacted


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


def test_text_lines(capsys: pytest.CaptureFixture[str]) -> None:
    redact("s3cret")
    configure(LogFormat.TEXT, verbosity=1)
    logging.getLogger("cictl.clients").info("token %s", "s3cret")
    logging.getLogger("urllib3").info("not shown")
    captured = capsys.readouterr()
    assert captured.err.endswith("INFO cictl.clients: token [redacted]\n")
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_json_lines_carry_a_redacted_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    redact("s3cret")
    configure(LogFormat.JSON)
    try:
        raise ValueError("s3cret")  # noqa: TRY301 - the traceback is what is looked at
    except ValueError:
        logging.getLogger("cictl").exception("failed")
    text = capsys.readouterr().err
    line = json.loads(text)
    assert (line["level"], line["message"], line["logger"]) == ("error", "failed", "cictl")
    assert "ValueError: [redacted]" in line["traceback"]
    assert "s3cret" not in text


@pytest.mark.parametrize(("verbosity", "shown"), [(0, "w"), (1, "wi"), (2, "wid"), (5, "wid")])
def test_verbosity(capsys: pytest.CaptureFixture[str], verbosity: int, shown: str) -> None:
    configure(LogFormat.TEXT, verbosity=verbosity)
    logger = logging.getLogger("cictl.x")
    logger.warning("w")
    logger.info("i")
    logger.debug("d")
    assert "".join(line[-1] for line in capsys.readouterr().err.splitlines()) == shown
