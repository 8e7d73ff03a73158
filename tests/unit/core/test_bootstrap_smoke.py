"""The smoke build's job: what it runs, and when it must be written anew."""

from __future__ import annotations

import pytest

from cictl.core.bootstrap_smoke import is_same_smoke, smoke_script, smoke_xml
from cictl.core.job_xml import parse_config

_WANTED = smoke_xml(library="cictl", label="docker")


@pytest.mark.parametrize(
    ("label", "node"), [("docker", "node('docker') {"), ("", "node {"), ("a && b", "node('a && b') {")]
)
def test_it_loads_the_library_and_asks_for_the_label(label: str, node: str) -> None:
    script = smoke_script(library="shop-lib", label=label)
    assert script.startswith("@Library('shop-lib') _\n")
    assert node in script


@pytest.mark.parametrize(("library", "label"), [("a'b", ""), ("a", "x\\"), ("a\nb", "")])
def test_what_groovy_quotes_cannot_hold(library: str, label: str) -> None:
    with pytest.raises(ValueError, match="quote"):
        smoke_xml(library=library, label=label)


def test_it_is_sandboxed_and_keeps_few_builds() -> None:
    root = parse_config(_WANTED)
    assert root.text_of("definition", "sandbox") == "true"
    assert root.text_of("properties", "jenkins.model.BuildDiscarderProperty", "strategy", "numToKeep") == "5"


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        pytest.param(_WANTED, True, id="same"),
        pytest.param(_WANTED.replace("<description>", "<description>new "), True, id="another-description"),
        pytest.param(_WANTED.replace("docker", "arm"), False, id="another-label"),
        pytest.param(_WANTED.replace("<sandbox>true", "<sandbox>false"), False, id="no-sandbox"),
        pytest.param(_WANTED.replace("<disabled>false", "<disabled>true"), False, id="disabled"),
    ],
)
def test_is_same_smoke(live: str, expected: bool) -> None:
    assert is_same_smoke(live, _WANTED) is expected
