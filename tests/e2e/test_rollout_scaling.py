"""Autoscalers and sick pods in the middle of a rollout: the split holds, and stable always has the way back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.conftest import ClientsOf
from tests.e2e.kubernetes_proxy import Proxy
from tests.e2e.kubernetes_requests import Request
from tests.e2e.support.adopted import NAME, Adopted
from tests.e2e.support.cluster import is_ready
from tests.e2e.support.program import PATIENCE_SECONDS
from tests.e2e.support.project import Project
from tests.running import eventually

Json = dict[str, Any]
REACTION_SECONDS = 10.0  # a driver that nothing woke would wait for the end of the pause, ten minutes


def autoscaler(minimum: int, maximum: int) -> Json:
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": NAME},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": NAME},
            "minReplicas": minimum,
            "maxReplicas": maximum,
        },
    }


def writes_replicas(request: Request) -> bool:
    return request.sets("/spec/replicas") is not None


def test_the_split_is_repaired_while_an_autoscaler_scales(
    adopted: Adopted, proxy: Proxy, clients_of: ClientsOf
) -> None:
    adopted.make(replicas=5)
    adopted.namespace.apply(autoscaler(5, 8))
    clients = clients_of()
    driver = adopted.begin_held(strategy="drifting", through=proxy)
    adopted.namespace.apply(autoscaler(6, 8))  # its controller scales: no metrics are needed for a bound
    adopted.await_split(v1=6, v2=2)
    adopted.namespace.apply(autoscaler(5, 8))
    adopted.namespace.kubectl("scale", "deployment", NAME, "--replicas=5")
    adopted.await_split(v1=5, v2=1)
    repairs = [each for each in proxy.written("replicasets") if each.status == 200]
    assert repairs, "5 + 1 scaled to 6 and back is 4 + 2 without a repair"

    drifted = repairs[0].tests("/metadata/resourceVersion")
    told = proxy.told(lambda raw: raw["metadata"]["resourceVersion"] == drifted)
    assert repairs[0].at - told < REACTION_SECONDS
    assert not [each for each in proxy.written("deployments") if writes_replicas(each)]
    assert driver.is_running, driver.stderr
    adopted.command("abort").expect(0)
    assert driver.wait().code == 6
    finished = clients.finish()
    adopted.assert_ended("rolled-back", version="v1", reason="by-user", replicas=5)
    clients.assert_no_request_lost()
    clients.assert_none_after("v2", finished)


@pytest.mark.parametrize("strategy", ["endless", "endless-swap"])
def test_scaled_to_zero_ends_with_stable(adopted: Adopted, strategy: str) -> None:
    adopted.make(replicas=2)
    driver = adopted.begin_held(strategy=strategy)
    adopted.namespace.kubectl("scale", "deployment", NAME, "--replicas=4")
    adopted.namespace.kubectl("scale", "deployment", NAME, "--replicas=0")
    driver.wait().expect(6)
    adopted.assert_ended("superseded", version="v1", reason="scaled-to-zero", replicas=0)
    adopted.namespace.kubectl("scale", "deployment", NAME, "--replicas=2")
    adopted.await_split(v1=2)
    assert adopted.history() == [(1, "superseded")]


def test_a_swapped_split_is_repaired(adopted: Adopted, proxy: Proxy) -> None:
    adopted.make(replicas=3)
    driver = adopted.begin_held(strategy="endless-swap", through=proxy)
    adopted.await_split(v1=2, v2=2)
    for replicas, split in ((5, {"v1": 3, "v2": 3}), (2, {"v1": 1, "v2": 2}), (3, {"v1": 2, "v2": 2})):
        adopted.namespace.kubectl("scale", "deployment", NAME, f"--replicas={replicas}")
        adopted.await_split(**split)
    assert not [each for each in proxy.written("deployments") if writes_replicas(each)]
    assert driver.is_running, driver.stderr
    adopted.command("abort").expect(0)
    adopted.assert_ended("rolled-back", version="v1", replicas=3)


def test_an_autoscaler_that_reaches_zero_is_refused(adopted: Adopted, proxy: Proxy) -> None:
    adopted.make(replicas=1)
    adopted.namespace.apply(autoscaler(1, 3))

    def reach_zero(answer: Json) -> Json:
        for item in answer["items"]:
            item["spec"]["minReplicas"] = 0
        return answer

    proxy.rewrite(lambda request: request.kind == "horizontalpodautoscalers", reach_zero)
    refused = adopted.start("v2", strategy="quick", through=proxy).expect(3)
    assert f"HorizontalPodAutoscaler/{NAME} may scale to zero" in refused.err
    assert not proxy.written("deployments")
    assert adopted.history() == []


@pytest.mark.parametrize(("strategy", "split"), [("endless", {"v1": 4, "v2": 1}), ("endless-swap", {"v1": 2, "v2": 3})])
def test_an_abort_does_not_wait_for_a_sick_pod(
    adopted: Adopted, project: Project, strategy: str, split: dict[str, int]
) -> None:
    adopted.environment |= {"DRAIN": "600"}  # it stays up, unready, once it is asked to end
    project.change_strategy(strategy, abort_patience="10m")
    adopted.make(replicas=4)
    driver = adopted.begin_held(strategy=strategy)
    adopted.await_split(**split)
    make_sick(adopted, "v1")
    adopted.command("abort").expect(0)  # it would take ten minutes if it waited for the pod
    assert adopted.split() == {"v1": 4}
    adopted.assert_ended("rolled-back", version="v1", reason="by-user")
    assert driver.wait().code == 6


def make_sick(adopted: Adopted, version: str) -> None:
    """Make one pod of VERSION unready, for good."""
    pods = adopted.namespace.items("pods")
    pod = next(
        raw["metadata"]["name"]
        for raw in pods
        if is_ready(raw) and raw["spec"]["containers"][0]["image"] == adopted.images[version]
    )
    adopted.namespace.kubectl("exec", pod, "--", "sh", "-c", "kill -TERM 1")
    eventually(lambda: not is_ready(adopted.namespace.get("pod", pod)), seconds=PATIENCE_SECONDS, what="an unready pod")
