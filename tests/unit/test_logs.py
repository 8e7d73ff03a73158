from __future__ import annotations

import json
import logging

import pytest

from cictl.log_line import LogFormat
from cictl.logs import configure
from cictl.redaction import redact


def test_text_lines(capsys: pytest.CaptureFixture[str]) -> None:
    redact("s3cret")
    configure(LogFormat.TEXT, verbosity=1)
    logging.getLogger("cictl.clients").info("token %s", "s3cret")
    logging.getLogger("urllib3").info("not shown")
    captured = capsys.readouterr()
    assert captured.err.endswith("INFO cictl.clients: token [redacted]\n")
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_a_log_with_times_of_its_own_gets_none(capsys: pytest.CaptureFixture[str]) -> None:
    configure(LogFormat.TEXT, has_times=False)
    logging.getLogger("cictl.clients").warning("slow")
    assert capsys.readouterr().err == "WARNING cictl.clients: slow\n"


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
