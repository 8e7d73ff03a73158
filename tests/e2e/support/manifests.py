"""A Deployment with its Service as people write them without any chart."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def deployment(name: str, image: str, *, replicas: int = 2, own: Json | None = None, greeting: str = "hello") -> Json:
    """Return a Deployment that passes the restricted level; OWN are fields of its spec beside the usual."""
    labels = {"app.kubernetes.io/name": name}
    container = {
        "name": "app",
        "image": image,
        "env": [{"name": "CATALOG_URL", "value": "builtin"}, {"name": "GREETING", "value": greeting}],
        "ports": [{"name": "http", "containerPort": 8080}, {"name": "metrics", "containerPort": 9102}],
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": "http"}, "periodSeconds": 1, "timeoutSeconds": 5},
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    pod = {
        "containers": [container],
        "terminationGracePeriodSeconds": 15,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    }
    template = {"metadata": {"labels": {**labels, "cictl.dev/metrics": "true"}}, "spec": pod}
    rolling = {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template, **rolling, **(own or {})}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": labels}, "spec": spec}


def service(name: str) -> Json:
    """Return the Service of NAME."""
    ports = [{"name": "http", "port": 80, "targetPort": "http"}]
    spec = {"selector": {"app.kubernetes.io/name": name}, "ports": ports}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}
