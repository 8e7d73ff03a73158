"""The XML that changes, line by line, without what Jenkins adds by itself and without secrets."""

from __future__ import annotations

from cictl.core.job_xml_diff import xml_diff

SENT = "<project><quietPeriod>5</quietPeriod><description>a</description></project>"
SAVED = (
    "<?xml version='1.1' encoding='UTF-8'?>\n<project plugin=\"x@1\"><actions/><description>a</description>"
    "<keepDependencies>false</keepDependencies><quietPeriod>5</quietPeriod></project>"
)


def test_a_save_shows_nothing() -> None:
    assert xml_diff(SAVED, SENT, name="a") == ()


def test_what_changes_is_shown_alone() -> None:
    lines = xml_diff(SAVED, SENT.replace(">5<", ">7<"), name="a")
    assert [line for line in lines if line[0] in "+-"] == [
        "--- Jenkins: a",
        "+++ Git: a",
        "-  <quietPeriod>5</quietPeriod>",
        "+  <quietPeriod>7</quietPeriod>",
    ]


def test_all_of_what_is_created_is_shown_but_secrets() -> None:
    lines = xml_diff(None, "<project><authToken>canary</authToken></project>", name="a")
    assert "+  <authToken>(hidden)</authToken>" in lines
    assert "canary" not in "".join(lines)
