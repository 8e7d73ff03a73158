"""Secrets in documents: never readable, still told apart, and what is no secret stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.job_veil import masked, veiled

ENCRYPTED = "{AQAAABAAAAAQ0123456789abcdefghij+/==}"
_SECRETS = [
    pytest.param("<a><password>{0}</password></a>", id="by-its-name"),
    pytest.param("<a><apiToken class='x'>{0}</apiToken></a>", id="with-an-attribute"),
    pytest.param("<p><name>API_TOKEN</name><defaultValue>{0}</defaultValue></p>", id="by-a-parameters-name"),
    pytest.param("<p><name>DB_PASSWORD</name><description/><trim>true</trim><value>{0}</value></p>", id="further-down"),
    pytest.param(
        "<hudson.model.PasswordParameterDefinition><name>X</name><description>a</description>"
        "<defaultValue>{0}</defaultValue></hudson.model.PasswordParameterDefinition>",
        id="a-password-parameter",
    ),
    pytest.param("<a><url>https://me:{0}@example.com/x</url></a>", id="in-a-url"),
]


@pytest.mark.parametrize("document", _SECRETS)
def test_a_secret_is_never_readable(document: str) -> None:
    one, other = (veiled(document.format(secret)) for secret in ("canary-1", "canary-2"))
    assert "canary" not in one + other + masked(document.format("canary-1"))
    assert one != other, "another secret is another text"
    assert veiled(one) == one, "what is veiled is veiled no more"


def test_what_jenkins_encrypted_still_looks_encrypted() -> None:
    text = veiled(f"<a><x>{ENCRYPTED}</x></a>")
    assert ENCRYPTED not in text
    assert text.startswith("<a><x>{")
    assert ENCRYPTED not in masked(f"<a><x>{ENCRYPTED}</x></a>")


@pytest.mark.parametrize(
    "document",
    [
        "<a><credentialsId>registry-token</credentialsId></a>",
        "<a><passwordVariable>PASSWORD</passwordVariable></a>",
        "<a><script>withCredentials([string(variable: 'TOKEN')])</script></a>",
        "<p><name>VERSION</name><defaultValue>token</defaultValue></p>",
        "<a><url>https://example.com:8080/a@b</url></a>",
        "<a><description>the password is in the vault</description></a>",
    ],
)
def test_what_is_no_secret_stays(document: str) -> None:
    assert veiled(document) == document


@given(st.text(alphabet="<>/abc{}@: password=", max_size=200))
def test_any_text_is_veiled_once(text: str) -> None:
    assert veiled(veiled(text)) == veiled(text)
