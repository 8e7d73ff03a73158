from __future__ import annotations

import pytest

from cictl.core.pipeline_verdict import Finding, Validity, verdict

_URL = "http://jenkins.example"


def test_no_error_is_valid() -> None:
    found = verdict(_URL, [])
    assert (found.validity, found.findings, found.url) == (Validity.VALID, (), _URL)


@pytest.mark.parametrize(
    ("error", "finding"),
    [
        pytest.param(
            'Missing required section "agent" @ line 1, column 1.',
            Finding('Missing required section "agent"', 1, 1),
            id="placed",
        ),
        pytest.param("Expected a step. @ line 12, column 3.\n", Finding("Expected a step", 12, 3), id="with-a-stop"),
        pytest.param("two\nlines @ line 2, column 4", Finding("two\nlines", 2, 4), id="of-two-lines"),
        pytest.param("it is @ line three", Finding("it is @ line three"), id="no-place"),
    ],
)
def test_an_error_has_its_place(error: str, finding: Finding) -> None:
    found = verdict(_URL, [error])
    assert (found.validity, found.findings) == (Validity.INVALID, (finding,))


def test_a_script_is_not_judged_and_not_quoted() -> None:
    found = verdict(_URL, ["Jenkinsfile content 'node { echo \"x\" }' did not contain the 'pipeline' step"])
    assert found.validity is Validity.UNKNOWN
    assert "node" not in (found.reason or "")
