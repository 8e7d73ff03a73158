from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cictl.config.service_file import ServiceFile
from cictl.core.manifests import image_of
from cictl.core.objects import key_of, value_at
from cictl.errors import ConfigInvalid, ExitCode
from cictl.services.rendering import ManifestsRefused, NotReproducible, Renderer, RenderTarget

if TYPE_CHECKING:
    from cictl.core.chart_request import ChartRequest

Manifest = dict[str, Any]
IMAGE = f"registry/shop/checkout@sha256:{'a' * 64}"
TARGET = RenderTarget("production", "shop", IMAGE, "v1.34.4", ("apps/v1",))


def an_object(kind: str, name: str = "checkout", api: str = "v1", **rest: object) -> Manifest:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, **rest}


def a_deployment(*containers: str, image: str = IMAGE) -> Manifest:
    pods = {
        "containers": [{"name": name, "image": image} for name in containers or ("checkout",)],
        "volumes": [{"name": "v", "configMap": {"name": "config"}}],
    }
    return an_object("Deployment", api="apps/v1", spec={"replicas": 2, "template": {"spec": pods}})


class FakeCharts:
    """Gives one answer after the other, the last one for ever."""

    def __init__(self, *answers: list[Manifest]) -> None:
        self._answers = itertools.chain(answers, itertools.repeat(answers[-1])) if answers else iter(())
        self.requests: list[ChartRequest] = []

    def template(self, request: ChartRequest) -> tuple[object, ...]:
        self.requests.append(request)
        return tuple(next(self._answers))


class FakeFolders:
    def __init__(self, *documents: Manifest) -> None:
        self._documents = documents
        self.folders: list[Path] = []

    def read(self, folder: Path) -> tuple[object, ...]:
        self.folders.append(folder)
        return self._documents


def a_renderer(charts: FakeCharts | None = None, folders: FakeFolders | None = None) -> Renderer:
    return Renderer(charts or FakeCharts(), folders or FakeFolders(), default_chart=Path("/platform/charts/service"))


def a_service(**fields: Any) -> ServiceFile:  # noqa: ANN401 - as YAML gives them
    return ServiceFile.model_validate({"name": "checkout", **fields})


def test_chart_gets_values_image_and_the_clusters_versions() -> None:
    charts = FakeCharts([a_deployment()])
    service = a_service(
        chart={"values": {"replicas": 1, "image": {"pullPolicy": "Always"}}},
        environments={"production": {"values": {"replicas": 3}}, "staging": {"values": {"replicas": 9}}},
    )
    rendered = a_renderer(charts).render(service, TARGET)
    first, second = charts.requests
    image = {"pullPolicy": "Always", "repository": "registry/shop/checkout", "digest": f"sha256:{'a' * 64}"}
    assert first == second
    assert rendered.values == first.values == {"replicas": 3, "image": image}
    assert (first.name, first.chart, first.namespace) == ("checkout", "/platform/charts/service", "shop")
    assert (first.kube_version, first.api_versions) == ("v1.34.4", ("apps/v1",))


def test_service_may_have_a_chart_of_its_own() -> None:
    charts = FakeCharts([a_deployment()])
    a_renderer(charts).render(a_service(chart={"path": "deploy"}), TARGET)
    assert charts.requests[0].chart == "deploy"


def test_objects_are_shared_out() -> None:
    objects = [a_deployment(), an_object("ConfigMap", "config", data={"k": "v"}), an_object("Service")]
    rendered = a_renderer(FakeCharts(objects)).render(a_service(), TARGET)
    (config,) = rendered.configs
    assert [key_of(each).kind for each in rendered.objects] == ["Deployment", "ConfigMap", "Service"]
    assert [key_of(each).kind for each in rendered.others] == ["Service"]
    assert config["metadata"] == {"name": rendered.hashed_configs[0].name, "namespace": "shop"}
    volumes = value_at(rendered.deployment, "spec", "template", "spec", "volumes")
    assert volumes[0]["configMap"]["name"] == config["metadata"]["name"]
    assert (rendered.container, rendered.warnings, rendered.direct_only) == ("checkout", (), ())


def test_replicas_are_the_autoscalers() -> None:
    target = {"scaleTargetRef": {"kind": "Deployment", "name": "checkout"}}
    autoscaler = an_object("HorizontalPodAutoscaler", api="autoscaling/v2", spec=target)
    rendered = a_renderer(FakeCharts([a_deployment(), autoscaler])).render(a_service(), TARGET)
    assert "replicas" not in rendered.deployment["spec"]


def test_what_differs_each_time_is_refused() -> None:
    charts = FakeCharts(*([a_deployment(), an_object("Secret", data={"k": key})] for key in "ab"))
    with pytest.raises(NotReproducible, match=r"^Secret/checkout: data.k differs each time") as caught:
        a_renderer(charts).render(a_service(), TARGET)
    assert caught.value.exit_code is ExitCode.CONFIG


def test_all_problems_are_named() -> None:
    objects = [a_deployment(), an_object("Namespace", "n"), an_object("Secret", "s", data={"k": "v"})]
    with pytest.raises(ManifestsRefused) as caught:
        a_renderer(FakeCharts(objects)).render(a_service(), TARGET)
    assert [problem.kind for problem in caught.value.problems] == ["Namespace", "Secret"]
    assert "\n  Namespace/n: belongs to the whole cluster" in caught.value.message


def test_test_hooks_are_left_out() -> None:
    hook = an_object("Pod", "t")
    hook["metadata"]["annotations"] = {"helm.sh/hook": "test"}
    rendered = a_renderer(FakeCharts([a_deployment(), hook])).render(a_service(), TARGET)
    assert len(rendered.objects) == 1


def test_chart_must_use_the_digest() -> None:
    charts = FakeCharts([a_deployment(image="registry/shop/checkout:latest")])
    with pytest.raises(ConfigInvalid, match="runs 'registry/shop/checkout:latest', not the image") as caught:
        a_renderer(charts).render(a_service(), TARGET)
    assert "image.digest" in str(caught.value.hint)


def test_container_must_be_told_apart() -> None:
    with pytest.raises(ConfigInvalid, match="none of the Deployment's containers is called 'checkout'"):
        a_renderer(FakeCharts([a_deployment("a", "b")])).render(a_service(), TARGET)


def test_plain_manifests_get_the_image() -> None:
    folders = FakeFolders(an_object("List", items=[a_deployment("checkout", "proxy", image="x:1")]))
    rendered = a_renderer(folders=folders).render(a_service(manifests="deploy"), TARGET)
    assert folders.folders[0] == Path("deploy")
    assert image_of(rendered.deployment, "checkout") == IMAGE
    assert image_of(rendered.deployment, "proxy") == "x:1"
    assert rendered.values == {}


def test_what_may_surprise_is_a_warning() -> None:
    deployment = a_deployment("checkout", "proxy", image="x:1")
    rendered = a_renderer(folders=FakeFolders(deployment)).render(a_service(manifests="deploy"), TARGET)
    assert rendered.warnings == (
        "ConfigMap 'config' is not among the manifests: undo does not take it back",
        "image 'x:1' is named by a tag, which can move between two pods",
    )


def test_what_makes_it_direct_only_is_said() -> None:
    objects = [a_deployment(), an_object("StatefulSet", "db", "apps/v1")]
    rendered = a_renderer(FakeCharts(objects)).render(a_service(), TARGET)
    assert rendered.direct_only == ("StatefulSet/db is replaced in its own way, not beside a canary",)
