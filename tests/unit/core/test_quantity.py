from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.quantity import format_quantity, parse_quantity, pod_resources, quota_headroom

Json = dict[str, Any]
MI = 1024**2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("250m", Fraction(1, 4)),
        ("2", Fraction(2)),
        (2, Fraction(2)),
        (0.5, Fraction(1, 2)),
        ("64Mi", Fraction(64 * MI)),
        ("1.5G", Fraction(1_500_000_000)),
        ("1e3", Fraction(1000)),
        ("5E-1", Fraction(1, 2)),
        ("1E", Fraction(10**18)),
        ("100n", Fraction(1, 10**7)),
        (".5Ki", Fraction(512)),
        ("-1", Fraction(-1)),
    ],
)
def test_parse_quantity(text: object, expected: Fraction) -> None:
    assert parse_quantity(text) == expected


@pytest.mark.parametrize("text", ["", "lots", "1 Mi", "1mi", None])
def test_what_is_no_quantity(text: object) -> None:
    with pytest.raises(ValueError, match="is not a quantity; write it as in 250m"):
        parse_quantity(text)


@pytest.mark.parametrize(
    ("value", "expected"), [(Fraction(64 * MI), "64Mi"), (Fraction(1, 4), "250m"), (Fraction(0), "0")]
)
def test_format_quantity(value: Fraction, expected: str) -> None:
    assert format_quantity(value) == expected


@given(st.integers(0, 10**15))
def test_whole_quantities_are_read_back(value: int) -> None:
    assert parse_quantity(format_quantity(Fraction(value))) == value


def container(cpu: str | None = None, *, limit: str | None = None, **rest: object) -> Json:
    requests = {"cpu": cpu} if cpu else {}
    limits = {"cpu": limit} if limit else {}
    return {"resources": {"requests": requests, "limits": limits}, **rest}


def pod(*containers: Json, init: tuple[Json, ...] = (), **rest: object) -> Json:
    return {"spec": {"containers": list(containers), "initContainers": list(init), **rest}}


@pytest.mark.parametrize(
    ("template", "cpu"),
    [
        pytest.param(pod(container("100m"), container("200m")), "300m", id="sum"),
        pytest.param(pod(container("100m"), init=(container("500m"),)), "500m", id="initialising-needs-more"),
        pytest.param(pod(container("100m"), init=(container("50m"),)), "100m", id="initialising-needs-less"),
        pytest.param(pod(container("100m"), init=(container("50m", restartPolicy="Always"),)), "150m", id="sidecar"),
        pytest.param(
            pod(container("100m"), init=(container("50m", restartPolicy="Always"), container("200m"))),
            "250m",
            id="beside-a-sidecar",
        ),
        pytest.param(pod(container(limit="400m")), "400m", id="limit-stands-for-request"),
        pytest.param(pod(container("100m"), overhead={"cpu": "10m", "memory": "1Mi"}), "110m", id="overhead"),
    ],
)
def test_pod_resources(template: Json, cpu: str) -> None:
    found = pod_resources(template)
    assert found["requests.cpu"] == found["cpu"] == parse_quantity(cpu)
    assert found["pods"] == 1


def quota(hard: Json, used: Json | None = None, **spec: object) -> Json:
    return {"metadata": {"name": "small"}, "spec": spec, "status": {"hard": hard, "used": used or {}}}


POD = pod(container("100m"))


@pytest.mark.parametrize(
    ("quotas", "count", "expected"),
    [
        pytest.param([], 9, [], id="no-quota"),
        pytest.param([quota({"pods": "5"}, {"pods": "3"})], 2, [], id="just-enough"),
        pytest.param(
            [quota({"pods": "5"}, {"pods": "3"})],
            3,
            ["ResourceQuota/small leaves 2 of pods, 3 is needed: 1 pod too many"],
            id="pods",
        ),
        pytest.param(
            [quota({"requests.cpu": "1"}, {"requests.cpu": "850m"})],
            4,
            ["ResourceQuota/small leaves 150m of requests.cpu, 400m is needed: 3 pods too many"],
            id="cpu",
        ),
        pytest.param(
            [quota({"cpu": "50m"})],
            1,
            ["ResourceQuota/small leaves 50m of cpu, 100m is needed: 1 pod too many"],
            id="bare",
        ),
        pytest.param([quota({"limits.memory": "1"}), quota({"services": "0"})], 9, [], id="not-asked-for"),
        pytest.param(
            [quota({"pods": "1"}, {"pods": "3"})],
            1,
            ["ResourceQuota/small leaves 0 of pods, 1 is needed: 1 pod too many"],
            id="over",
        ),
    ],
)
def test_quota_headroom(quotas: list[Json], count: int, expected: list[str]) -> None:
    assert [str(problem) for problem in quota_headroom(quotas, POD, count)] == expected


def class_scope(operator: str, *values: str) -> Json:
    return {"matchExpressions": [{"scopeName": "PriorityClass", "operator": operator, "values": list(values)}]}


@pytest.mark.parametrize(
    ("template", "spec", "counts"),
    [
        pytest.param(POD, {"scopes": ["NotTerminating"]}, True, id="not-terminating"),
        pytest.param(POD, {"scopes": ["Terminating"]}, False, id="terminating"),
        pytest.param(POD, {"scopes": ["BestEffort"]}, False, id="best-effort"),
        pytest.param(POD, {"scopes": ["NotBestEffort"]}, True, id="not-best-effort"),
        pytest.param(pod(container()), {"scopes": ["BestEffort"]}, True, id="asks-for-nothing"),
        pytest.param(pod(container()), {"scopes": ["NotBestEffort"]}, False, id="asks-for-nothing-either"),
        pytest.param(POD, {"scopeSelector": class_scope("In", "high")}, False, id="another-class"),
        pytest.param(pod(priorityClassName="high"), {"scopeSelector": class_scope("In", "high")}, True, id="its-class"),
        pytest.param(
            pod(priorityClassName="high"), {"scopeSelector": class_scope("NotIn", "high")}, False, id="not-in"
        ),
        pytest.param(POD, {"scopeSelector": class_scope("Exists")}, False, id="no-class"),
        pytest.param(POD, {"scopeSelector": class_scope("DoesNotExist")}, True, id="no-class-wanted"),
    ],
)
def test_scoped_quotas(template: Json, spec: Json, counts: bool) -> None:
    assert bool(quota_headroom([quota({"pods": "0"}, **spec)], template, 1)) is counts
