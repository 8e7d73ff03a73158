from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cictl.core.holding import stages
from cictl.core.observe import Seen, Sight, describe, observe
from cictl.core.patches import write_operations
from cictl.core.pods import FindingKind, Graces, PodFinding
from cictl.core.rollout import Rollout, Write
from cictl.core.rollout_state import Phase, to_labels
from cictl.core.workload import read_deployment
from tests.unit.rollout_cases import CANARY, CANARY_KEY, CAREFUL, FIRST, OWN, STABLE_KEY, a_rollout, a_state
from tests.unit.rollout_model import Model


@pytest.fixture
def model() -> Model:
    """Return a canary of one beside five."""
    model = Model(replicas=5, own=OWN)
    model.now += 100
    model.settle()
    write = Write(a_state(), "begin", fields=stages(CAREFUL, 0)[0], template="canary")
    model.patch("Deployment", "shop", write_operations(read_deployment(model.live), write, {"canary": CANARY}))
    model.settle()
    return model


def look(
    model: Model, rollout: Rollout | None = None, objects_are: str | None = "any", seen: Seen | None = None
) -> Sight:
    return observe(
        seen or model.seen(),
        rollout or a_rollout(),
        now=model.now,
        service="shop",
        objects_are=objects_are,
        graces=Graces(),
    )


def test_both_releases_are_found_by_their_templates(model: Model) -> None:
    sight = look(model)
    now = sight.snapshot
    assert now.stable is not None
    assert now.canary is not None
    assert (now.stable.template_key, now.stable.wanted, sight.ready_stable) == (STABLE_KEY, 5, 5)
    assert (now.canary.template_key, now.canary.wanted) == (CANARY_KEY, 1)
    assert now.is_canary_ready
    assert now.state == a_state()
    assert (sight.findings, sight.worst, now.trouble) == ((), None, None)


def test_what_a_gate_is_to_look_at(model: Model) -> None:
    target = look(model).target
    assert target is not None
    canary = model.pods_of(CANARY_KEY)[0]
    assert target.all_pod_names == (canary.name,)
    assert [pod.name for pod in target.ready_pods] == [canary.name]
    assert target.ready_pods[0].ready_since == canary.ready_since
    assert target.replica_set == canary.owner
    assert target.other_replica_sets == (model.pods_of(STABLE_KEY)[0].owner,)


def test_pods_that_are_ending_or_not_ready_are_not_judged(model: Model) -> None:
    model.pods_of(CANARY_KEY)[0].ready_since = None
    target = look(model).target
    assert target is not None
    assert (target.ready_pods, len(target.all_pod_names)) == ((), 1)


def test_a_deployment_that_is_gone(model: Model) -> None:
    sight = look(model, seen=Seen([], [], []))
    assert sight.snapshot.deployment is None
    assert sight.target is None


def test_replica_sets_of_others_are_not_ours(model: Model) -> None:
    for each in model.replica_sets:
        each["metadata"]["ownerReferences"][0]["uid"] = "another"
    now = look(model).snapshot
    assert (now.stable, now.canary) == (None, None)
    assert look(model).target is None


def test_of_two_with_one_template_the_oldest_counts(model: Model) -> None:
    newer = {**model.replica_sets[1], "metadata": {**model.replica_sets[1]["metadata"], "name": "newer"}}
    newer["metadata"]["creationTimestamp"] = "2099-01-01T00:00:00Z"
    seen = replace(model.seen(), replica_sets=[newer, *model.replica_sets])
    now = look(model, seen=seen).snapshot
    assert now.canary is not None
    assert now.canary.name != "newer"


def test_a_first_install_has_no_stable(model: Model) -> None:
    assert look(model, FIRST).snapshot.stable is None


@pytest.mark.parametrize(
    ("phase", "objects_are", "expected"),
    [
        (Phase.STEPPING, None, True),
        (Phase.PROMOTING, None, False),
        (Phase.PROMOTING, "old", False),
        (Phase.PROMOTING, "new", True),
        (Phase.PROMOTING, "any", True),
        (Phase.WATCHING, None, True),
        (Phase.ABORTING, "new", False),
        (Phase.ABORTING, "old", True),
        (Phase.ROLLED_BACK, None, False),
        (Phase.SUPERSEDED, "old", True),
        (Phase.SUCCEEDED, None, True),
    ],
)
def test_whether_the_other_objects_fit(model: Model, phase: Phase, objects_are: str | None, expected: bool) -> None:
    model.live["metadata"]["labels"] |= to_labels(a_state(phase))
    assert look(model, objects_are=objects_are).snapshot.objects_applied is expected


def break_pod(pod: Mapping[str, Any], reason: str) -> None:
    waiting = {"state": {"waiting": {"reason": reason, "message": "bad"}}, "name": "app", "ready": False}
    pod["status"].update({"phase": "Pending", "containerStatuses": [waiting]})


@pytest.mark.parametrize(
    ("phase", "of", "is_told"),
    [
        pytest.param(Phase.STEPPING, CANARY_KEY, True, id="the-canarys"),
        pytest.param(Phase.WATCHING, CANARY_KEY, True, id="watched"),
        pytest.param(Phase.ABORTING, CANARY_KEY, False, id="no-news-on-the-way-back"),
        pytest.param(Phase.STEPPING, STABLE_KEY, False, id="stables-are-not-judged"),
    ],
)
def test_trouble_is_the_canarys(model: Model, phase: Phase, of: str, is_told: bool) -> None:
    model.live["metadata"]["labels"] |= to_labels(a_state(phase))
    names = {pod.name for pod in model.pods_of(of)}
    seen = model.seen()
    for pod in seen.pods:
        if pod["metadata"]["name"] in names:
            break_pod(pod, "InvalidImageName")
    sight = look(model, seen=seen)
    assert (sight.snapshot.trouble is not None) is is_told
    assert (sight.worst is not None) is is_told


def test_words() -> None:
    assert describe(PodFinding("p", FindingKind.OOM, "too large")) == "pod p: too large"
    assert describe(PodFinding("", FindingKind.QUOTA, "no room")) == "no room"
