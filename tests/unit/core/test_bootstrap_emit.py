"""The document for Configuration as Code: Groovy that cannot be broken, and references in place of secrets."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.bootstrap_agent import AgentWish
from cictl.core.bootstrap_emit import Emission, EmittedCredential, Leaf, SecretPlace, casc, folder_script, secret_files

_SSH = "com.cloudbees.jenkins.plugins.sshcredentials.impl.BasicSSHUserPrivateKey"
_STRING = re.compile(r"'(?:[^'\\\n]|\\.)*'")


def _emission(**changes: object) -> Emission:
    values: dict[str, object] = {
        "url": "http://ci",
        "folders": ("shop", "shop/ci"),
        "descriptions": {},
        "documents": {},
        "credentials": (),
        "agent": AgentWish("docker", "docker-agent"),
    }
    return Emission(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (SecretPlace(env="TOKEN"), "${base64:${TOKEN}}"),
        (SecretPlace(file="kubeconfig"), "${readFileBase64:/run/secrets/kubeconfig}"),
    ],
)
def test_a_secret_is_a_reference(place: SecretPlace, expected: str) -> None:
    assert place.base64 == expected


def test_each_kind_of_credential_has_its_shape() -> None:
    key = EmittedCredential(
        "shop/ci",
        _SSH,
        (("id", "key"),),
        (Leaf("privateKey", SecretPlace(env="KEY")), Leaf("passphrase", SecretPlace(env="PASS"))),
    )
    file = EmittedCredential(
        "shop", "file", (("id", "f"),), (Leaf("secretBytes", SecretPlace(file="f"), is_encoded=True),)
    )
    script = folder_script(_emission(credentials=(key, file)))
    shop, ci = script.split("folder('shop/ci')")
    assert "c.appendNode('secretBytes', '${readFileBase64:/run/secrets/f}')" in shop
    source = f"c.appendNode('privateKeySource', [class: '{_SSH}$DirectEntryPrivateKeySource'])"
    assert f"{source}.appendNode('privateKey', plain(" in ci
    assert "c.appendNode('passphrase', plain('${base64:${PASS}}'))" in ci
    assert secret_files((key, file)) == ("/run/secrets/f",)


@pytest.mark.parametrize(("label", "mode"), [("docker", "EXCLUSIVE"), ("", "NORMAL")])
def test_the_agent_takes_what_asks_for_it(label: str, mode: str) -> None:
    jenkins = casc(_emission(agent=AgentWish(label, "a")))["jenkins"]
    assert isinstance(jenkins, dict)
    assert (jenkins["numExecutors"], jenkins["nodes"][0]["permanent"]["mode"]) == (0, mode)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40))
def test_no_text_breaks_out_of_its_string(text: str) -> None:
    script = folder_script(_emission(folders=("shop",), descriptions={"shop": text}))
    line = next(each for each in script.split("\n") if each.startswith("  description("))
    found = _STRING.search(line)
    assert found is not None
    assert line == f"  description({found[0]})"
    unescaped = re.sub(r"\\(.)", lambda match: {"n": "\n", "r": "\r"}.get(match[1], match[1]), found[0][1:-1])
    assert unescaped.replace("^${", "${") == text.replace("^${", "${")
