"""What is wrong is said in the words of YAML, not of Python."""

from __future__ import annotations

import pytest
from pydantic import Field

from cictl.config.fields import SecretReference, Strict
from cictl.config.problems import ConfigProblems
from cictl.config.source import parse_source
from cictl.config.validate import validate


class _Model(Strict):
    token: SecretReference | None = None
    people: dict[str, str] = Field(default_factory=dict)
    tokens: tuple[SecretReference, ...] = ()
    names: list[str] = Field(default_factory=list)
    places: dict[str, SecretReference] = Field(default_factory=dict)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        pytest.param("token: hunter22", "token: should be a mapping with keys of: env, file", id="secret-itself"),
        pytest.param("tokens: [x]", "tokens[0]: should be a mapping with keys of: env, file", id="in-a-list"),
        pytest.param("people: [ann]", "people: should be a mapping", id="free-keys"),
        pytest.param("places: [a]", "places: should be a mapping", id="free-keys-of-models"),
        pytest.param("places: {a: }", "places.a: should be a mapping with keys of: env, file", id="nothing"),
        pytest.param("tokens: {env: A}", "tokens: should be a list", id="tuple"),
        pytest.param("people: {ann: }", "people.ann: should be a text", id="no-text"),
        pytest.param("names: ann", "names: should be a list", id="list"),
    ],
)
def test_another_shape(text: str, finding: str) -> None:
    with pytest.raises(ConfigProblems) as caught:
        validate(_Model, parse_source(text, file="x.yaml"))
    assert f"x.yaml:1: {finding}" in str(caught.value.message).splitlines()
    assert "hunter22" not in caught.value.message
