"""Kubernetes' quantities (`250m`, `64Mi`), what a pod asks for, and whether a namespace's quota has room for more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from cictl.core.objects import KubernetesObject, mapping_at, mappings_at, text_at, value_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_QUANTITY = re.compile(r"^(?P<number>[-+]?(?:\d+\.?\d*|\.\d+))(?P<suffix>[numkMGTPE]?|[KMGTPE]i|[eE][-+]?\d+)$")
_POWERS = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
# Which part of a container's resources a quota's name counts; bare names are requests.
_BARE = frozenset({"cpu", "memory", "ephemeral-storage"})


@dataclass(frozen=True, slots=True)
class QuotaProblem:
    """A quota without room: `missing` pods of those asked for would not start."""

    quota: str
    resource: str
    needed: Fraction
    left: Fraction
    missing: int

    def __str__(self) -> str:
        """Say it in one line."""
        return (
            f"ResourceQuota/{self.quota} leaves {format_quantity(self.left)} of {self.resource},"
            f" {format_quantity(self.needed)} is needed: {self.missing} pod{'' if self.missing == 1 else 's'} too many"
        )


def parse_quantity(value: object) -> Fraction:
    """Return what VALUE, a quantity, stands for; ValueError where it is none."""
    match = _QUANTITY.match(str(value).strip())
    if match is None:
        raise ValueError(f"{value!r} is not a quantity; write it as in 250m, 2, 64Mi or 1.5G")
    number, suffix = Fraction(match["number"]), match["suffix"]
    if suffix in _BINARY:
        unit: int = 1024 ** _BINARY[suffix]
        return number * unit
    power = _POWERS[suffix] if suffix in _POWERS else int(suffix[1:])
    factor: int = 10 ** abs(power)
    return number * factor if power >= 0 else number / factor


def format_quantity(value: Fraction) -> str:
    """Return VALUE in the largest unit that leaves it whole."""
    for suffix, power in reversed(_BINARY.items()):
        if value and value % 1024**power == 0:
            return f"{value // 1024**power}{suffix}"
    return str(value) if value.denominator == 1 else f"{int(value * 1000)}m"


def quota_headroom(
    quotas: Iterable[KubernetesObject], extra_pod_template: Mapping[str, Any], count: int
) -> tuple[QuotaProblem, ...]:
    """Return which QUOTAS have no room for COUNT more pods of EXTRA_POD_TEMPLATE."""
    wanted = pod_resources(extra_pod_template)
    counted = (quota for quota in quotas if _counts(quota, extra_pod_template))
    return tuple(problem for quota in counted for problem in _problems(quota, wanted, count))


def pod_resources(template: Mapping[str, Any]) -> dict[str, Fraction]:
    """Return what one pod of TEMPLATE asks for, as quotas name it (`requests.cpu`, `limits.memory`, …)."""
    found: dict[str, Fraction] = {"pods": Fraction(1), "count/pods": Fraction(1)}
    for part in ("requests", "limits"):
        for resource, amount in _pod_part(template, part).items():
            found[f"{part}.{resource}"] = amount
            if part == "requests" and resource in _BARE:
                found[resource] = amount
    return found


def _pod_part(template: Mapping[str, Any], part: str) -> dict[str, Fraction]:
    """Return the sum over the containers, or the largest step of initialising where that is more, plus overhead."""
    initial = mappings_at(template, "spec", "initContainers")
    beside = [each for each in initial if text_at(each, "restartPolicy") == "Always"]
    running = _total(_amounts(each, part) for each in (*beside, *mappings_at(template, "spec", "containers")))
    for position, each in enumerate(initial):
        if each not in beside:
            started = (other for other in initial[:position] if other in beside)
            step = _total(_amounts(other, part) for other in (*started, each))
            running = _combine(running, step, max)
    overhead = {name: parse_quantity(value) for name, value in mapping_at(template, "spec", "overhead").items()}
    return _combine(running, {name: overhead[name] for name in overhead if name in running}, _plus)


def _amounts(container: Mapping[str, Any], part: str) -> dict[str, Fraction]:
    """Return what CONTAINER asks for; a request that is missing is its limit, as the API fills it in."""
    resources = mapping_at(container, "resources")
    given = mapping_at(resources, part)
    if part == "requests":
        given = {**mapping_at(resources, "limits"), **given}
    return {str(name): parse_quantity(value) for name, value in given.items()}


def _total(parts: Iterable[Mapping[str, Fraction]]) -> dict[str, Fraction]:
    total: dict[str, Fraction] = {}
    for part in parts:
        total = _combine(total, part, _plus)
    return total


def _combine(
    one: Mapping[str, Fraction], other: Mapping[str, Fraction], how: Callable[[Fraction, Fraction], Fraction]
) -> dict[str, Fraction]:
    nothing = Fraction(0)
    return {name: how(one.get(name, nothing), other.get(name, nothing)) for name in {*one, *other}}


def _plus(one: Fraction, other: Fraction) -> Fraction:
    return one + other


def _counts(quota: KubernetesObject, template: Mapping[str, Any]) -> bool:
    """Whether QUOTA counts pods of TEMPLATE, by those of its scopes that a Deployment's pod can tell."""
    scopes = set(value_at(quota, "spec", "scopes") or ())
    selected = mappings_at(quota, "spec", "scopeSelector", "matchExpressions")
    scopes |= {text_at(each, "scopeName") for each in selected if text_at(each, "operator") == "Exists"}
    if any(text_at(each, "operator") != "Exists" and not _class_matches(each, template) for each in selected):
        return False
    is_best_effort = not _pod_part(template, "requests") and not _pod_part(template, "limits")
    refused = {"Terminating", "NotBestEffort" if is_best_effort else "BestEffort"}
    if not text_at(template, "spec", "priorityClassName"):
        refused.add("PriorityClass")
    return not (scopes & refused)


def _class_matches(expression: Mapping[str, Any], template: Mapping[str, Any]) -> bool:
    """Whether EXPRESSION on the priority class holds for TEMPLATE; other scopes have no values."""
    if text_at(expression, "scopeName") != "PriorityClass":
        return True
    name, operator = text_at(template, "spec", "priorityClassName"), text_at(expression, "operator")
    listed = name in (expression.get("values") or ())
    return {"In": listed, "NotIn": not listed, "DoesNotExist": not name}.get(operator, True)


def _problems(quota: KubernetesObject, wanted: Mapping[str, Fraction], count: int) -> Iterator[QuotaProblem]:
    hard, used = mapping_at(quota, "status", "hard"), mapping_at(quota, "status", "used")
    for resource in sorted({*hard} & {*wanted}):
        left = max(Fraction(0), parse_quantity(hard[resource]) - parse_quantity(used.get(resource, 0)))
        each = wanted[resource]
        if each > 0 and each * count > left:
            name = text_at(quota, "metadata", "name")
            yield QuotaProblem(name, resource, each * count, left, count - int(left // each))
