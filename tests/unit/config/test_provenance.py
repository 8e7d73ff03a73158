from __future__ import annotations

import pytest

from cictl.config.provenance import unknown_variables, variable_name, with_overrides
from cictl.config.source import parse_source

_SOURCE = parse_source(
    "jenkins: {url: 'http://file'}\nenvironments:\n  pre-prod: {context: a, namespace: b}\n", file="cictl.yaml"
)


@pytest.mark.parametrize(
    ("environ", "flags", "value", "origin"),
    [
        pytest.param({}, {}, "http://file", "cictl.yaml:1", id="file"),
        pytest.param({"JENKINS_URL": "http://std"}, {}, "http://std", "JENKINS_URL", id="standard-variable"),
        pytest.param(
            {"JENKINS_URL": "http://std", "CICTL_JENKINS_URL": "http://own"},
            {},
            "http://own",
            "CICTL_JENKINS_URL",
            id="own-variable",
        ),
        pytest.param(
            {"CICTL_JENKINS_URL": "http://own"},
            {"jenkins.url": ("--url", "http://flag")},
            "http://flag",
            "--url",
            id="flag",
        ),
        pytest.param({"CICTL_JENKINS_URL": ""}, {}, "http://file", "cictl.yaml:1", id="empty-is-not-set"),
    ],
)
def test_precedence(environ: dict[str, str], flags: dict[str, tuple[str, str]], value: str, origin: str) -> None:
    source, provenance = with_overrides(_SOURCE, environ, flags)
    assert source.data["jenkins"] == {"url": value}
    assert provenance.of("jenkins.url") == origin
    assert provenance.of("jenkins.folder") == "default"
    assert _SOURCE.data["jenkins"] == {"url": "http://file"}


def test_entries_with_dashes_have_variables() -> None:
    assert variable_name("environments.pre-prod.context") == "CICTL_ENVIRONMENTS_PRE_PROD_CONTEXT"
    source, _ = with_overrides(_SOURCE, {"CICTL_ENVIRONMENTS_PRE_PROD_CONTEXT": "c"}, {})
    assert source.data["environments"] == {"pre-prod": {"context": "c", "namespace": "b"}}


def test_a_section_that_the_file_lacks_can_come_from_variables() -> None:
    source, _ = with_overrides(_SOURCE, {"CICTL_PROMETHEUS_URL": "http://p"}, {})
    assert source.data["prometheus"] == {"url": "http://p"}


def test_a_variable_that_overrides_nothing_is_warned_of() -> None:
    environ = {"CICTL_JENKINS_UR": "x", "CICTL_CONFIG": "y", "CICTL_JENKINS_URL": "z"}
    assert unknown_variables(_SOURCE, environ) == [
        "CICTL_JENKINS_UR overrides nothing; did you mean 'CICTL_JENKINS_URL'?"
    ]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({"JENKINS_USER_ID": "ann"}, {}, id="a-user-alone-makes-no-section"),
        pytest.param(
            {"JENKINS_USER_ID": "ann", "JENKINS_URL": "http://std"},
            {"jenkins": {"url": "http://std", "user": "ann"}},
            id="an-address-does",
        ),
        pytest.param({"CICTL_JENKINS_USER": "ann"}, {"jenkins": {"user": "ann"}}, id="and-a-variable-of-ours"),
    ],
)
def test_a_file_without_the_section(environ: dict[str, str], expected: dict[str, object]) -> None:
    source, _ = with_overrides(parse_source("version: 1\n", file="cictl.yaml"), environ, {})
    assert source.data == {"version": 1, **expected}
