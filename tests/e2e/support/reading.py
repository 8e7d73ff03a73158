"""Reads objects over one connection: a kubectl for each look would take a fifth of all the tests' processor time."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from urllib.parse import urlencode

from kubernetes import config
from kubernetes.client import ApiException
from urllib3.exceptions import HTTPError

Json = dict[str, Any]
_GROUPS = {
    "configmaps": "api/v1",
    "events": "api/v1",
    "pods": "api/v1",
    "resourcequotas": "api/v1",
    "serviceaccounts": "api/v1",
    "services": "api/v1",
    "deployments": "apis/apps/v1",
    "replicasets": "apis/apps/v1",
    "horizontalpodautoscalers": "apis/autoscaling/v2",
    "leases": "apis/coordination.k8s.io/v1",
    "poddisruptionbudgets": "apis/policy/v1",
}
_SHORT = {"hpa": "horizontalpodautoscalers"}
_NOT_FOUND = 404


def find(kubeconfig: str, namespace: str, kind: str, name: str) -> Json | None:
    """Return one object, None where there is none; KIND as kubectl takes it."""
    return _get(kubeconfig, f"{_place(namespace, kind)}/{name}")


def items(kubeconfig: str, namespace: str, kinds: str, selector: str = "") -> list[Json]:
    """Return all objects of KINDS, which commas separate, each with its kind."""
    query = f"?{urlencode({'labelSelector': selector})}" if selector else ""
    found: list[Json] = []
    for kind in kinds.split(","):
        listed = _get(kubeconfig, f"{_place(namespace, kind)}{query}")
        assert listed is not None, f"no {kind} in this API"
        own_kind = {"kind": listed["kind"].removesuffix("List"), "apiVersion": listed["apiVersion"]}
        found += [{**own_kind, **each} for each in listed["items"]]
    return found


def _place(namespace: str, kind: str) -> str:
    plural = _SHORT.get(kind, kind if kind in _GROUPS else f"{kind}s")
    return f"/{_GROUPS[plural]}/namespaces/{namespace}/{plural}"


def _get(kubeconfig: str, path: str) -> Json | None:
    try:
        answer = _client(kubeconfig).call_api(path, "GET", auth_settings=["BearerToken"], _preload_content=False)
    except ApiException as problem:
        if problem.status == _NOT_FOUND:
            return None
        raise AssertionError(f"GET {path}: {problem.reason}") from problem
    except (HTTPError, OSError) as problem:
        raise AssertionError(f"GET {path}: {problem}") from problem
    document: Json = json.loads(answer[0].data if isinstance(answer, tuple) else answer.data)
    return document


@cache
def _client(kubeconfig: str) -> Any:  # noqa: ANN401 - the library ships no types
    return config.new_client_from_config(config_file=kubeconfig)
