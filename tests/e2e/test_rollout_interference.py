"""What others do in the middle of a rollout: it ends as superseded, nothing is left held, nothing unjudged promoted."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.conftest import ClientsOf
from tests.e2e.support.adopted import NAME, OWN, Adopted
from tests.e2e.support.cluster import Namespace
from tests.e2e.support.images import Images
from tests.e2e.support.project import CHART, VALUES, Project
from tests.running import eventually

Json = dict[str, Any]
SLOW: Json = {**OWN, "minReadySeconds": 30}  # so long does a promotion take


@dataclass(frozen=True)
class Interference:
    """What somebody does, the reason that it ends with, and what the message must name."""

    do: Callable[[Adopted], object]
    reason: str
    words: str


def kubectl(*arguments: str) -> Callable[[Adopted], object]:
    return lambda adopted: adopted.namespace.kubectl(*arguments)


def patch(body: Json) -> Callable[[Adopted], object]:
    return lambda adopted: adopted.patch(body)


def set_image(adopted: Adopted) -> None:
    adopted.namespace.kubectl("set", "image", f"deployment/{NAME}", f"{NAME}={adopted.images['v3']}")


UNDO = Interference(kubectl("rollout", "undo", f"deployment/{NAME}"), "undone", "put back by kubectl")
RESTART = Interference(
    kubectl("rollout", "restart", f"deployment/{NAME}"), "other-template", "written by kubectl-rollout"
)
PAUSE = Interference(kubectl("rollout", "pause", f"deployment/{NAME}"), "paused", "paused by kubectl")
THIRD_IMAGE = Interference(set_image, "other-template", "written by kubectl-set")
HELD_FIELD = Interference(patch({"spec": {"minReadySeconds": 0}}), "fields-changed", "were changed")
STRATEGY = Interference(
    patch({"spec": {"strategy": {"rollingUpdate": {"maxSurge": "100%", "maxUnavailable": "50%"}}}}),
    "fields-changed",
    "were changed",
)


def superseded(adopted: Adopted, interference: Interference, why: str) -> None:
    """Check that it ended in the way that INTERFERENCE asks for."""
    adopted.assert_ended("superseded", version="v1", reason=interference.reason, replicas=2)
    assert interference.words in why


@pytest.mark.parametrize(
    "interference",
    [
        pytest.param(UNDO, id="undo"),
        pytest.param(RESTART, id="restart"),
        pytest.param(PAUSE, id="pause"),
        pytest.param(THIRD_IMAGE, id="third-image"),
        pytest.param(HELD_FIELD, id="held-field"),
        pytest.param(STRATEGY, id="strategy"),
    ],
)
def test_in_the_middle_of_a_step(adopted: Adopted, interference: Interference) -> None:
    adopted.make(replicas=2)
    driver = adopted.begin_held()
    interference.do(adopted)
    ended = driver.wait().expect(6).json
    assert (ended["phase"], ended["reason"]) == ("superseded", interference.reason)
    superseded(adopted, interference, ended["why"])
    assert adopted.why() == ended["why"]


def test_in_the_middle_of_a_step_that_nobody_drives(adopted: Adopted, clients_of: ClientsOf) -> None:
    adopted.make(replicas=2)
    clients = clients_of()
    for interference in (UNDO, PAUSE, THIRD_IMAGE, HELD_FIELD):
        adopted.begin_held().kill()
        interference.do(adopted)
        ended = adopted.command("resume", "--take-over", "-o", "json").expect(6).json
        assert ended["reason"] == interference.reason
        superseded(adopted, interference, ended["why"])
    finished = clients.finish()
    clients.assert_no_request_lost()
    clients.assert_none_after("v2", finished)


def test_in_the_middle_of_the_promotion(adopted: Adopted) -> None:
    adopted.make(replicas=2)
    adopted.own = SLOW
    adopted.patch({"spec": {"minReadySeconds": SLOW["minReadySeconds"]}})
    for interference in (UNDO, PAUSE, THIRD_IMAGE, RESTART):
        driver = adopted.begin(strategy="quick")
        adopted.namespace.await_phase("promoting", name=NAME)
        interference.do(adopted)
        ended = driver.wait().expect(6).json
        assert ended["reason"] == interference.reason
        superseded(adopted, interference, ended["why"])


def test_an_edit_of_the_rollout_fields_in_the_middle_of_the_promotion_stays(adopted: Adopted) -> None:
    adopted.make(replicas=2)
    adopted.own = SLOW
    adopted.patch({"spec": {"minReadySeconds": SLOW["minReadySeconds"]}})
    driver = adopted.begin(strategy="quick")
    adopted.namespace.await_phase("promoting", name=NAME)
    adopted.patch({"spec": {"minReadySeconds": 3, "strategy": {"rollingUpdate": {"maxUnavailable": "10%"}}}})
    assert "rollout fields were changed meanwhile" in driver.wait().expect(0).err
    adopted.own = {
        **SLOW,
        "minReadySeconds": 3,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "34%", "maxUnavailable": "10%"}},
    }
    adopted.assert_ended("succeeded", version="v2", replicas=2)


def test_without_labels_abort_mends_it_from_the_record(adopted: Adopted) -> None:
    adopted.make(replicas=2)
    adopted.own = SLOW
    adopted.patch({"spec": {"minReadySeconds": SLOW["minReadySeconds"]}})
    every = [f"cictl.dev/{name}-" for name in ("phase", "token", "release", "step", "since", "reason", "state-version")]
    for strategy, phase, labels in (
        ("endless", "stepping", ["cictl.dev/phase-"]),
        ("endless", "stepping", ["cictl.dev/token=mine", "--overwrite"]),
        ("quick", "promoting", every),
    ):
        driver = adopted.begin(strategy=strategy)
        adopted.namespace.await_phase(phase, name=NAME)
        adopted.namespace.kubectl("label", "deployment", NAME, *labels)
        assert "cictl rollout abort" in driver.wait().expect(6).err
        assert "cictl rollout abort" in adopted.command("resume").expect(6).err
        assert "aborted by hand" in adopted.command("abort").expect(0).out
        adopted.assert_ended("rolled-back", version="v1", reason="by-user", replicas=2)


def test_a_deleted_deployment_ends_the_rollout(adopted: Adopted) -> None:
    adopted.make(replicas=1)
    driver = adopted.begin_held()
    adopted.namespace.kubectl("delete", "deployment", NAME)
    ended = driver.wait().expect(6).json
    assert (ended["phase"], ended["reason"], ended["why"]) == (
        "superseded",
        "deployment-gone",
        "the Deployment is gone",
    )
    assert adopted.history() == [(1, "superseded")]


def helm(namespace: Namespace, project: Project, digest: str, **values: object) -> None:
    """Install or upgrade the chart, as somebody who does not know of rollouts."""
    settings = {
        **VALUES,
        **values,
        "image": {"repository": digest.partition("@")[0], "digest": digest.partition("@")[2]},
    }
    path = project.directory / "values.json"
    path.write_text(json.dumps(settings))
    command = ["helm", "upgrade", "--install", NAME, str(CHART), "--namespace", namespace.name, "--values", str(path)]
    done = subprocess.run(command, env=namespace.environment, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("driven", [True, False], ids=["driven", "left"])
def test_a_helm_upgrade_in_the_middle(
    adopted: Adopted, project: Project, namespace: Namespace, images: Images, *, driven: bool
) -> None:
    helm(namespace, project, images["v1"], replicas=2)
    namespace.await_available(NAME)
    adopted.own = namespace.held(NAME)
    upgrades = ((images["v1"], "undone"), (images["v3"], "other-template"))
    for image, reason in upgrades if driven else upgrades[1:]:
        driver = adopted.begin_held()
        if not driven:
            driver.kill()
        helm(namespace, project, image, replicas=2)
        ended = driver if driven else adopted.begin_command("resume", "--take-over", "-o", "json")
        assert ended.wait().expect(6).json["reason"] == reason
        adopted.assert_ended("superseded", version="v1", reason=reason, replicas=2)
    eventually(lambda: adopted.split() == {"v1": 2})


def test_a_helm_upgrade_in_the_middle_of_the_promotion(
    adopted: Adopted, project: Project, namespace: Namespace, images: Images
) -> None:
    helm(namespace, project, images["v1"], replicas=2, minReadySeconds=SLOW["minReadySeconds"])
    namespace.await_available(NAME)
    adopted.own = namespace.held(NAME)
    driver = adopted.begin(strategy="quick")
    namespace.await_phase("promoting", name=NAME)
    helm(namespace, project, images["v3"], replicas=2, minReadySeconds=SLOW["minReadySeconds"])
    assert driver.wait().expect(6).json["reason"] == "other-template"
    adopted.assert_ended("superseded", version="v1", reason="other-template", replicas=2)
