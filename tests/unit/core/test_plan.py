from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cictl.core.holding import Split
from cictl.core.plan import Plan, plan_data, plan_lines, short_image, step_splits
from cictl.core.record import ObjectName
from cictl.core.release_diff import short_digests
from tests.unit.rollout_cases import DIRECT, SWAPPED, a_deployment, a_record

DIGEST = "sha256:" + "a" * 64
SERVICE = ObjectName("v1", "Service", "shop")


def a_plan(**changes: Any) -> Plan:  # noqa: ANN401 - of any field
    base = Plan(
        record=a_record(),
        deployment=a_deployment(),
        token=3,
        image_before="reg:5000/team/shop@sha256:" + "b" * 64,
        differences=("image: b → a", f"spec.image: b → {short_digests(a_record().image)}", "env LEVEL: 1 → 2"),
        changed=(ObjectName("v1", "ConfigMap", "x"),),
        warnings=("look out",),
        replicas=5,
    )
    return replace(base, **changes)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (f"reg:5000/team/shop@{DIGEST}", "shop@" + "a" * 12),
        ("shop:1.2", "shop:1.2"),
        ("", "(none)"),
        (None, "(none)"),
    ],
)
def test_short_image(image: str | None, expected: str) -> None:
    assert short_image(image).replace("sha256:", "") == expected


def test_the_pods_of_each_step() -> None:
    assert step_splits(a_plan()) == (Split(5, 1), Split(5, 3))
    assert step_splits(a_plan(record=a_record(strategy=DIRECT))) == ()


def test_the_plan_for_people() -> None:
    text = "\n".join(plan_lines(a_plan()))
    for part in ("release 7", "namespace prod", "env LEVEL: 1 → 2", "Service/shop", "ConfigMap/x", "look out"):
        assert part in text
    assert "5 stable + 1 new pods = 17% of the pods" in text
    assert "image: b" not in text, "the image has a line of its own"
    assert "then watched for 10m" in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"deployment": None, "image_before": None}, "what was created is deleted again", id="first"),
        pytest.param({"record": a_record(undo_of=2)}, "does not undo itself", id="undo"),
        pytest.param({}, "back to shop@", id="back"),
        pytest.param({"record": a_record(strategy=SWAPPED)}, "no slack", id="swapped"),
    ],
)
def test_how_it_may_end(changes: dict[str, Any], words: str) -> None:
    assert words in "\n".join(plan_lines(a_plan(**changes)))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, False, id="changes"),
        pytest.param({"differences": (), "changed": ()}, True, id="nothing"),
        pytest.param({"differences": ()}, False, id="other-objects"),
        pytest.param({"differences": (), "changed": (), "deployment": None}, False, id="first-install"),
    ],
)
def test_is_empty(changes: dict[str, Any], expected: bool) -> None:
    assert a_plan(**changes).is_empty is expected


def test_the_plan_as_data() -> None:
    data = plan_data(a_plan())
    assert data["release"] == 7
    assert data["steps"] == [
        {"weight": 20, "pauseSeconds": 60.0, "stable": 5, "canary": 1},
        {"weight": 60, "pauseSeconds": 120.0, "stable": 5, "canary": 3},
    ]
    assert (data["create"], data["apply"], data["gate"]) == (["Service/shop"], ["ConfigMap/x"], "default")
