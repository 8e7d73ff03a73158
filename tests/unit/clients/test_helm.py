from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from cictl.clients.helm import Helm, HelmMissing
from cictl.clients.helm_errors import ChartInvalid
from cictl.core.chart_request import ChartRequest
from cictl.errors import ConfigInvalid, ExitCode, TimedOut

if TYPE_CHECKING:
    from pathlib import Path

REQUEST = ChartRequest("checkout", "charts/service", "shop", {"secret": "hunter2"}, "v1.34.4", ("b/v1", "a/v1"))


@pytest.fixture
def fake(tmp_path: Path) -> Path:
    """Return a folder in which `helm` notes what it is given and does what `script` says."""
    helm = tmp_path / "helm"
    helm.write_text(
        f'#!/bin/sh\nfor a in "$@"; do echo "$a"; done > {tmp_path}/arguments\n'
        f"cat > {tmp_path}/values\nenv > {tmp_path}/environment\n. {tmp_path}/script\n"
    )
    helm.chmod(0o755)
    behave(tmp_path, "echo 'kind: A'; echo '---'; echo 'kind: B'")
    return tmp_path


def behave(folder: Path, script: str) -> None:
    (folder / "script").write_text(f"{script}\n")


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {"PATH": f"{folder}:{os.environ['PATH']}", **more}


def test_template_parses_what_helm_prints(fake: Path) -> None:
    assert Helm(environment(fake)).template(REQUEST) == ({"kind": "A"}, {"kind": "B"})


def test_values_go_by_standard_input_only(fake: Path) -> None:
    Helm(environment(fake)).template(REQUEST)
    assert json.loads((fake / "values").read_text()) == {"secret": "hunter2"}
    assert "hunter2" not in (fake / "arguments").read_text()
    assert (fake / "arguments").read_text().split() == [
        "template",
        "--namespace",
        "shop",
        "--values",
        "-",
        "--kube-version",
        "v1.34.4",
        "--api-versions",
        "a/v1",
        "--api-versions",
        "b/v1",
        "--",
        "checkout",
        "charts/service",
    ]


def test_users_debugging_does_not_change_what_is_rendered(fake: Path) -> None:
    Helm(environment(fake, HELM_DEBUG="1", HELM_NAMESPACE="other", HELM_CACHE_HOME="/c")).template(REQUEST)
    lines = (fake / "environment").read_text().splitlines()
    assert "HELM_CACHE_HOME=/c" in lines
    assert not [line for line in lines if line.startswith(("HELM_DEBUG", "HELM_NAMESPACE"))]


def test_binary_can_be_named(fake: Path) -> None:
    behave(fake, "echo v3.22.0")
    assert Helm({"CICTL_HELM": str(fake / "helm"), "PATH": os.environ["PATH"]}).version() == "v3.22.0"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"PATH": "/nowhere"}, "there is no helm on PATH"),
        ({"PATH": "/bin", "CICTL_HELM": "/absent"}, "CICTL_HELM names '/absent', which is no program"),
    ],
)
def test_missing_helm_says_what_to_install(variables: dict[str, str], message: str) -> None:
    with pytest.raises(HelmMissing, match=message) as caught:
        Helm(variables).template(REQUEST)
    assert caught.value.exit_code is ExitCode.NOT_FOUND
    assert "install Helm 3" in str(caught.value.hint)


def test_program_that_cannot_run(fake: Path) -> None:
    (fake / "helm").write_text("#!/absent/interpreter\n")
    with pytest.raises(HelmMissing, match="helm cannot be run"):
        Helm(environment(fake)).template(REQUEST)


def test_endless_template_is_given_up(fake: Path) -> None:
    behave(fake, "exec sleep 60")
    with pytest.raises(TimedOut, match=r"helm checkout charts/service did not end within 0 s"):
        Helm(environment(fake), timeout_seconds=0.2).template(REQUEST)


def test_failure_is_translated(fake: Path) -> None:
    behave(fake, "echo 'Error: it broke' >&2; exit 1")
    with pytest.raises(ChartInvalid, match=r"^chart charts/service does not render for checkout: it broke$"):
        Helm(environment(fake)).template(REQUEST)


def test_output_that_is_no_yaml(fake: Path) -> None:
    behave(fake, "echo 'a: ['")
    with pytest.raises(ConfigInvalid, match="what chart charts/service renders is not valid YAML"):
        Helm(environment(fake)).template(REQUEST)


@pytest.mark.parametrize(("versions", "kube"), [((), ""), (("v1",), "v1.30.0")])
def test_versions_are_optional(fake: Path, versions: tuple[str, ...], kube: str) -> None:
    values: dict[str, Any] = {}
    Helm(environment(fake)).template(ChartRequest("a", "c", "n", values, kube, versions))
    arguments = (fake / "arguments").read_text()
    assert ("--kube-version" in arguments) is bool(kube)
    assert ("--api-versions" in arguments) is bool(versions)
