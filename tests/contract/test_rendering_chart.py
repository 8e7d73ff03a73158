"""The renderer with the real Helm, on the platform's chart and on charts that break the rules."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from cictl.clients.helm import Helm
from cictl.clients.helm_errors import ChartInvalid
from cictl.clients.manifest_folder import ManifestFolder
from cictl.config.service_file import ServiceFile
from cictl.core.manifest_configs import external_configs
from cictl.core.manifests import image_of
from cictl.core.objects import key_of
from cictl.errors import ConfigInvalid, ExitCode
from cictl.services.rendering import ManifestsRefused, NotReproducible, Rendered, Renderer, RenderTarget

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts" / "service"
IMAGE = f"registry.example.com/shop/checkout@sha256:{'a' * 64}"
API_VERSIONS = ("apps/v1", "autoscaling/v2", "policy/v1", "policy/v1/PodDisruptionBudget")
TARGET = RenderTarget("production", "shop", IMAGE, "v1.34.4", API_VERSIONS)

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  template:
    spec:
      containers:
        - {name: app, image: "{{ .Values.image.repository }}@{{ .Values.image.digest }}"}
"""


@pytest.fixture(scope="session")
def helm() -> Helm:
    named = {name: os.environ[name] for name in ("CICTL_HELM",) if name in os.environ}
    if not named and not shutil.which("helm"):
        pytest.fail("no helm: put it on PATH (python -m lab env) or name it in CICTL_HELM")
    return Helm({**named, "PATH": os.environ["PATH"]})


@pytest.fixture
def own_chart(tmp_path: Path) -> Path:
    """Return a chart of one Deployment, to which a test adds a template."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: own\nversion: 1.0.0\n")
    (tmp_path / "templates" / "deployment.yaml").write_text(DEPLOYMENT)
    return tmp_path


def render(helm: Helm, chart: Path = CHART, /, *, name: str = "checkout", **values: Any) -> Rendered:  # noqa: ANN401 - as YAML gives them
    service = ServiceFile.model_validate({"name": name, "chart": {"values": values}})
    return Renderer(helm, ManifestFolder(), default_chart=chart).render(service, TARGET)


def test_platforms_chart_renders(helm: Helm) -> None:
    rendered = render(helm, config={"app.toml": "fee = 1\n"}, autoscaling={"enabled": True})
    assert image_of(rendered.deployment, rendered.container) == IMAGE
    assert {key_of(each).kind for each in rendered.others} >= {"Service", "ServiceAccount", "HorizontalPodAutoscaler"}
    assert "replicas" not in rendered.deployment["spec"]
    assert (rendered.warnings, rendered.direct_only) == ((), ())


def test_configuration_is_named_by_its_content(helm: Helm) -> None:
    one, other = (render(helm, config={"app.toml": f"fee = {fee}\n"}) for fee in (1, 2))
    same = render(helm, config={"app.toml": "fee = 1\n"}, replicas=7)
    assert [config.name for config in one.hashed_configs] == [config.name for config in same.hashed_configs]
    assert one.hashed_configs[0].name != other.hashed_configs[0].name
    assert one.hashed_configs[0].original == other.hashed_configs[0].original
    assert external_configs(one.objects) == ()
    assert all(config["immutable"] for config in one.configs)


def test_nothing_but_configuration_changes_with_it(helm: Helm) -> None:
    """The pod template must not carry a checksum of its own making: an undo has to bring the very same template."""
    one, other = (render(helm, config={"app.toml": f"fee = {fee}\n"}) for fee in (1, 2))
    text = str(one.deployment).replace(one.hashed_configs[0].name, other.hashed_configs[0].name)
    assert text == str(other.deployment)


@pytest.mark.parametrize(
    ("values", "hint"),
    [
        pytest.param({"replica": 2}, "did you mean 'replicas'?", id="top"),
        pytest.param({"autoscaling": {"enable": True}}, "did you mean 'enabled'?", id="below"),
    ],
)
def test_unknown_value_names_the_nearest(helm: Helm, values: dict[str, Any], hint: str) -> None:
    with pytest.raises(ChartInvalid, match="not allowed") as caught:
        render(helm, **values)
    assert caught.value.hint == hint
    assert caught.value.exit_code is ExitCode.CONFIG


def test_wrong_type_names_the_value(helm: Helm) -> None:
    with pytest.raises(ChartInvalid, match=r"does not render for checkout: replicas: got string, want"):
        render(helm, replicas="many")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        pytest.param(
            "kind: ConfigMap\nmetadata: {name: a, annotations: {helm.sh/hook: pre-install}}",
            "ConfigMap/a: is a Helm hook",
            id="hook",
        ),
        pytest.param("kind: Namespace\nmetadata: {name: a}", "Namespace/a: belongs to the whole cluster", id="cluster"),
        pytest.param(
            "kind: Secret\nmetadata: {name: a}\nstringData: {k: v}", "Secret/a: holds secret data", id="secret"
        ),
        pytest.param("kind: Service\nmetadata: {name: a, namespace: b}", "is for namespace 'b'", id="namespace"),
    ],
)
def test_what_a_release_may_not_hold(helm: Helm, own_chart: Path, template: str, message: str) -> None:
    (own_chart / "templates" / "more.yaml").write_text(f"apiVersion: v1\n{template}\n")
    with pytest.raises(ManifestsRefused, match=message):
        render(helm, own_chart)


def test_random_values_are_found(helm: Helm, own_chart: Path) -> None:
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {k: {{ randAlphaNum 8 | b64enc }}}\n"
    (own_chart / "templates" / "more.yaml").write_text(text)
    with pytest.raises(NotReproducible, match=r"^Secret/a: data.k differs"):
        render(helm, own_chart)


def test_test_hooks_are_left_out(helm: Helm, own_chart: Path) -> None:
    text = "apiVersion: v1\nkind: Pod\nmetadata: {name: t, annotations: {helm.sh/hook: test}}\n"
    (own_chart / "templates" / "more.yaml").write_text(text)
    assert len(render(helm, own_chart).objects) == 1


def test_capabilities_are_the_clusters(helm: Helm, own_chart: Path) -> None:
    text = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n"
        '  kube: "{{ .Capabilities.KubeVersion.Version }}"\n  has: "{{ .Capabilities.APIVersions.Has "policy/v1" }}"\n'
    )
    (own_chart / "templates" / "more.yaml").write_text(text)
    (config,) = render(helm, own_chart).others
    assert config["data"] == {"kube": "v1.34.4", "has": "true"}


@pytest.mark.parametrize(
    ("template", "message"),
    [
        pytest.param(
            '{{ fail "say which database" }}', r"say which database \(own/templates/more.yaml:1:3\)", id="fail"
        ),
        pytest.param("{{ .Values.absent.key }}", r"nil pointer evaluating", id="nil"),
        pytest.param("{{ if }}", r"does not render for checkout: parse error", id="syntax"),
        pytest.param("a: [", r"does not render for checkout: YAML parse error on own/templates/more.yaml", id="yaml"),
    ],
)
def test_template_that_fails(helm: Helm, own_chart: Path, template: str, message: str) -> None:
    (own_chart / "templates" / "more.yaml").write_text(template)
    with pytest.raises(ChartInvalid, match=message) as caught:
        render(helm, own_chart)
    assert "--debug" not in caught.value.message


def test_missing_dependency_says_what_to_run(helm: Helm, own_chart: Path) -> None:
    with (own_chart / "Chart.yaml").open("a") as chart:
        chart.write("dependencies: [{name: redis, version: 1.0.0, repository: 'https://charts.example.com'}]\n")
    with pytest.raises(ChartInvalid, match="lacks its dependencies") as caught:
        render(helm, own_chart)
    assert caught.value.hint == f"run 'helm dependency build {own_chart}'"


@pytest.mark.parametrize("folder", ["absent", "empty"])
def test_no_chart(helm: Helm, tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigInvalid, match="there is no chart at"):
        render(helm, tmp_path / folder)


def test_helm_tells_its_version(helm: Helm) -> None:
    assert helm.version().startswith("v3.")
