from __future__ import annotations

import base64
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.jenkins_credentials import (
    Credential,
    SecretFile,
    SecretText,
    SshKey,
    UserPassword,
    credential_xml,
)
from cictl.errors import ConfigInvalid

_XML_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))


def _parsed(credential: Credential) -> ET.Element:
    return ET.fromstring(credential_xml(credential))  # noqa: S314 - our own


@given(_XML_TEXT, st.sampled_from(["", "\r", "\n", "\t", "]]>", "</secret><scope>SYSTEM</scope>", "&amp;"]))
def test_a_secret_arrives_as_it_is(text: str, more: str) -> None:
    root = _parsed(SecretText("token", text + more, "t"))
    assert (root.findtext("secret") or "") == text + more
    assert [child.tag for child in root] == ["scope", "id", "description", "secret"]


def test_user_and_password() -> None:
    root = _parsed(UserPassword("registry", "robot", "<&>", "image registry"))
    assert root.tag == "com.cloudbees.plugins.credentials.impl.UsernamePasswordCredentialsImpl"
    assert [(child.tag, child.text) for child in root] == [
        ("scope", "GLOBAL"),
        ("id", "registry"),
        ("description", "image registry"),
        ("username", "robot"),
        ("password", "<&>"),
    ]


@pytest.mark.parametrize("key", ["-----BEGIN\r\nAAA\r\n-----END", "-----BEGIN\nAAA\n-----END\n\n"])
def test_a_key_ends_in_one_newline(key: str) -> None:
    root = _parsed(SshKey("deploy", "git", key, "pass"))
    assert root.findtext("privateKeySource/privateKey") == "-----BEGIN\nAAA\n-----END\n"
    assert root.findtext("passphrase") == "pass"


def test_a_key_without_a_passphrase_names_none() -> None:
    assert _parsed(SshKey("deploy", "git", "k")).find("passphrase") is None


def test_a_file_is_base64() -> None:
    root = _parsed(SecretFile("kubeconfig", "config", b"\x00\xff"))
    assert base64.b64decode(root.findtext("secretBytes") or "") == b"\x00\xff"


@pytest.mark.parametrize("secret", ["a\x00b", "\x1b[0m", "\ud800", "\uffff"])
def test_what_xml_cannot_carry_is_said_without_the_secret(secret: str) -> None:
    with pytest.raises(ConfigInvalid, match="control character") as caught:
        credential_xml(SecretText("token", secret))
    assert secret not in caught.value.message


def test_no_secret_in_a_repr() -> None:
    shown = [
        repr(UserPassword("i", "u", "hush")),
        repr(SshKey("i", "u", "hush", "hush")),
        repr(SecretText("i", "hush")),
    ]
    assert "hush" not in "".join([*shown, repr(SecretFile("i", "n", b"hush"))])
