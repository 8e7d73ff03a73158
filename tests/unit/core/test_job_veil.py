"""Secrets in documents: never readable, still told apart, and what is no secret stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.job_veil import masked, masked_beside, veiled

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
    pytest.param(
        "<EnvInjectPasswordEntry><name>DB</name><value>{0}</value></EnvInjectPasswordEntry>", id="an-injected-password"
    ),
    pytest.param("<a.VarPasswordPair var='X' password='{0}'/>", id="an-attribute"),
    pytest.param("<e><key>X</key><value>{0}</value><hidden>true</hidden></e>", id="told-to-be-hidden"),
    pytest.param("<p><name>Authorization</name><value>{0}</value></p>", id="a-header"),
    *(
        pytest.param(f"<a><{tag}>{{0}}</{tag}></a>", id=tag)
        for tag in ("keychainPwd", "storepass", "keypass", "pass", "jobPasswd", "serviceKey", "secretToken")
    ),
    pytest.param("<a><command>curl -u me:{0} https://example.com</command></a>", id="in-a-command"),
    pytest.param("<a><x>curl -H &quot;Authorization: Bearer {0}&quot;</x></a>", id="in-a-header-of-a-command"),
    pytest.param("<a><x>https://example.com/?a=b&amp;access_token={0}&amp;c=d</x></a>", id="in-a-query"),
    pytest.param("<a><propertiesContent>A=b\nDB_PASSWORD={0}</propertiesContent></a>", id="in-settings"),
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
        "<a><replaceTokens>true</replaceTokens><maskPasswordParameters>false</maskPasswordParameters></a>",
        "<e><key>X</key><value>1</value><hidden>false</hidden></e>",
    ],
)
def test_what_is_no_secret_stays(document: str) -> None:
    assert veiled(document) == document


_PIECES = st.sampled_from(
    [
        *"<>/ab{}@:?&;'\"$=- \n",
        "password",
        "--token ",
        "curl -u ",
        "Authorization: Bearer ",
        "<value>",
        "</value>",
        "://",
    ]
)


@given(st.lists(_PIECES, max_size=30).map("".join))
def test_any_text_is_veiled_once(text: str) -> None:
    assert veiled(veiled(text)) == veiled(text)


def test_beside_another_document_a_secret_is_told_to_be_another() -> None:
    one, other = (f"<a><command>curl -u me:{secret} x</command></a>" for secret in ("canary-1", "canary-2"))
    assert masked_beside(one, one) == masked(one) == masked(other)
    assert masked_beside(one, other) != masked(other)
    assert "canary" not in masked_beside(one, other)


def test_what_jenkins_encrypted_is_not_told_to_be_another() -> None:
    plain, encrypted = (f"<a><password>{secret}</password></a>" for secret in ("canary-1", ENCRYPTED))
    assert masked_beside(plain, encrypted) == masked(plain)
