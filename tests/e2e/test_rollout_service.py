"""Rollouts of a service of cictl.yaml: first install, canary and gate, and what is told of them."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import ClientsOf
from tests.e2e.support.cluster import Namespace
from tests.e2e.support.images import Images
from tests.e2e.support.program import PATIENCE_SECONDS, Done
from tests.e2e.support.project import Project
from tests.running import eventually


@pytest.mark.usefixtures("prometheus_stays")
def test_first_install_then_a_healthy_canary(
    project: Project, namespace: Namespace, images: Images, clients_of: ClientsOf
) -> None:
    project.change_strategy("canary", steps=[{"weight": 25, "pause": "20s"}, {"weight": 50, "pause": "3s"}])
    first = project.roll_out(images["v1"], "-o", "json").expect(0).json
    assert (first["phase"], first["release"], first["reason"]) == ("succeeded", 1, "gate-insufficient")
    own, clients = namespace.held(), clients_of()
    running = project.begin(images["v2"], "-o", "json")
    namespace.await_phase("stepping")
    watch = project.begin_rollout("watch", "-o", "json")
    under_way = project.status()
    outcome = running.wait().expect(0)
    ended = clients.finish()

    assert (under_way["phase"], under_way["release"], under_way["stable"]["wanted"]) == ("stepping", 2, 3)
    assert under_way["canary"]["wanted"] <= under_way["step"] + 1
    assert "pid" in under_way["driver"]
    assert {key: outcome.json[key] for key in ("phase", "reason", "release", "exitCode")} == {
        "phase": "succeeded",
        "reason": "none",
        "release": 2,
        "exitCode": 0,
    }
    assert "stepping 2/2 (50 %)" in outcome.err
    assert watch.wait().expect(0).json["phase"] == "succeeded"
    assert_given_back(namespace, own, phase="succeeded", image=images["v2"])
    clients.assert_no_request_lost()
    clients.assert_none_after("v1", ended)
    after = project.history()
    assert [(each["release"], each["outcome"], each["running"]) for each in after] == [
        (2, "succeeded", True),
        (1, "succeeded", False),
    ]


def test_a_dry_run_and_what_runs_already_change_nothing(project: Project, namespace: Namespace, images: Images) -> None:
    nothing = namespace.written()
    plan = project.roll_out(images["v1"], "--dry-run", "-o", "json").expect(0).json
    assert {"Service/checkout", "ServiceAccount/checkout"} <= set(plan["create"])
    assert namespace.written() == nothing

    project.install(images["v1"])
    eventually(lambda: namespace.ready(images["v1"]) == 3, seconds=PATIENCE_SECONDS)
    before = namespace.written()
    project.greet("welcome")
    told = project.roll_out(images["v2"], "--dry-run").expect(0).out
    plan = project.roll_out(images["v2"], "--dry-run", "-o", "json").expect(0).json
    project.greet("hello")
    again = project.roll_out(images["v1"]).expect(0)
    assert namespace.written() == before
    assert "greeting: welcome" in told
    assert [(step["weight"], step["stable"], step["canary"]) for step in plan["steps"]] == [(25, 3, 1), (50, 3, 2)]
    assert "nothing to change" in again.out


@pytest.mark.usefixtures("prometheus_stays")
@pytest.mark.parametrize(("version", "check"), [("bad", "error-rate"), ("slow", "latency-p99")])
def test_a_canary_that_is_not_healthy_is_taken_back(
    version: str, check: str, project: Project, namespace: Namespace, images: Images, clients_of: ClientsOf
) -> None:
    project.install(images["v1"])
    own, clients = namespace.held(), clients_of()
    outcome = project.roll_out(images[version], "-o", "json").expect(10)
    ended = clients.finish()
    assert (outcome.json["phase"], outcome.json["reason"]) == ("rolled-back", "gate-unhealthy")
    assert check in outcome.json["why"]
    assert_given_back(namespace, own, phase="rolled-back", image=images["v1"])
    clients.assert_no_request_lost(faulty=version)
    clients.assert_share_at_most(version, canary_share(outcome))
    clients.assert_none_after(version, ended)
    newest = project.history()[0]
    assert (newest["outcome"], newest["running"]) == ("rolled-back", False)
    assert check in newest["why"]


@pytest.mark.usefixtures("prometheus_stays")
def test_without_traffic_the_strategy_decides(project: Project, namespace: Namespace, images: Images) -> None:
    project.change_values(replicas=1)  # it comes up, and is scraped, well before the deadline
    project.install(images["v1"])
    own = namespace.held()
    project.change_strategy("canary", steps=[{"weight": 25, "pause": "1s"}], watch="0s", deadline="40s")

    aborted = project.roll_out(images["v2"], "-o", "json").expect(11).json
    assert "0 of 10 requests" in aborted["why"]
    assert (aborted["phase"], aborted["reason"]) == ("rolled-back", "gate-insufficient")
    assert_given_back(namespace, own, phase="rolled-back", image=images["v1"])

    project.change_strategy("canary", on_insufficient="hold")
    held = project.roll_out(images["v2"], "-o", "json").expect(11).json
    assert (held["phase"], held["held"]) == ("stepping", True)
    assert namespace.phase() == "stepping"
    project.rollout("abort").expect(0)
    assert_given_back(namespace, own, phase="rolled-back", image=images["v1"])

    project.change_strategy("canary", on_insufficient="proceed")
    proceeded = project.roll_out(images["v2"], "-o", "json").expect(0).json
    assert proceeded["phase"] == "succeeded"
    assert_given_back(namespace, own, phase="succeeded", image=images["v2"])


@pytest.mark.usefixtures("prometheus_stays")
def test_configuration_goes_back_with_the_image(
    project: Project, namespace: Namespace, images: Images, clients_of: ClientsOf
) -> None:
    project.install(images["v1"])
    clients = clients_of()
    project.greet("broken")
    project.roll_out(images["bad"]).expect(10)
    ended = clients.finish()
    assert clients.configs("v1") == {"hello"}
    assert clients.configs("bad") == {"broken"}
    clients.assert_no_request_lost(faulty="bad")
    clients.assert_none_after("bad", ended)

    by_greeting = configs_by_greeting(namespace)
    assert set(by_greeting) == {"hello", "broken"}
    namespace.kubectl("delete", "configmap", "cictl.checkout.v2")
    eventually(
        lambda: set(configs_by_greeting(namespace)) == {"hello"},
        seconds=PATIENCE_SECONDS,
        what="collected with its release",
    )
    eventually(
        lambda: not namespace.find("configmap", "cictl.checkout.v2.record"),
        seconds=PATIENCE_SECONDS,
        what="its record, too",
    )
    assert namespace.find("configmap", by_greeting["hello"])


def configs_by_greeting(namespace: Namespace) -> dict[str, str]:
    """Return the names of the service's configurations by what they say."""
    configs = [raw for raw in namespace.items("configmaps") if "config.yaml" in raw.get("data", {})]
    return {raw["data"]["config.yaml"].split()[1]: raw["metadata"]["name"] for raw in configs}


def canary_share(outcome: Done) -> float:
    """Return the canary's share of the pods in the last step that was reached, of two on three replicas."""
    return 2 / 5 if "→ stepping 2/2" in outcome.err else 1 / 4


def assert_given_back(namespace: Namespace, own: dict[str, object], *, phase: str, image: str) -> None:
    """Nothing is held any more, and the Deployment runs IMAGE."""
    assert namespace.state()["phase"] == phase
    assert namespace.held() == own
    assert namespace.image() == image
