"""Deployments that each fail in one way, as the API server takes them."""

from __future__ import annotations

from typing import Any

Pod = dict[str, Any]

_RESTRICTED: Pod = {
    "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}
}
_RESTRICTED_CONTAINER: Pod = {"securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}}
_ALLOCATE = "x = bytearray(200 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1"
_FILL_DISK = "import time; open('/big', 'wb').write(b'x' * (64 << 20)); time.sleep(1000)"
_SERVE = ["python3", "-m", "http.server", "8080"]
_ABSENT: Pod = {"httpGet": {"path": "/absent", "port": 8080}, "periodSeconds": 1}


def broken_pods(registry: str, image: str) -> dict[str, Pod]:
    """Return pod specs by the name of what is wrong with them; IMAGE is one with python3 in REGISTRY."""
    return {
        "invalid-image": _pod("UPPER//bad"),
        "missing-tag": _pod(f"{image}-nope"),
        "missing-repository": _pod(f"{registry}/e2e-pods/nothing:1"),
        "no-registry": _pod("198.18.255.3:5000/x/y:1"),
        "crash": _python(image, "import sys; print('no DATABASE_URL'); sys.exit(3)", FROM_LOG),
        "oom": _python(image, _ALLOCATE, {"resources": {"limits": {"memory": "32Mi"}}}),
        "no-binary": _pod(image, {"command": ["/no/such/binary"]}),
        "unschedulable": _pod(image, {"resources": {"requests": {"cpu": "100"}}}),
        "no-config-in-environment": _pod(image, {"envFrom": [{"configMapRef": {"name": "nope"}}]}),
        "no-config-to-mount": {
            **_pod(image, {"volumeMounts": [{"name": "v", "mountPath": "/v"}]}),
            "volumes": [{"name": "v", "configMap": {"name": "nope"}}],
        },
        "never-ready": _pod(image, {"command": _SERVE, "readinessProbe": _ABSENT}),
        "dies-alive": _pod(image, {"command": _SERVE, "livenessProbe": {**_ABSENT, "failureThreshold": 1}}),
        "runs-as-root": {**_pod(image), "securityContext": {"runAsNonRoot": True}},
        "fills-disk": _python(image, _FILL_DISK, {"resources": {"limits": {"ephemeral-storage": "8Mi"}}}),
        "healthy": _pod(image, {"command": ["sleep", "1000"]}),
    }


def refused_pods(image: str) -> dict[str, Pod]:
    """Return pod specs for a namespace with a quota of no pods that enforces Pod Security."""
    cpu: Pod = {"resources": {"requests": {"cpu": "100m"}}}
    return {
        "not-restricted": _pod(image, cpu),
        "no-request": {**_pod(image, _RESTRICTED_CONTAINER), **_RESTRICTED},
        "no-account": {**_pod(image, cpu), "serviceAccountName": "nope"},
        "over-quota": {**_pod(image, {**cpu, **_RESTRICTED_CONTAINER}), **_RESTRICTED},
    }


FROM_LOG: Pod = {"terminationMessagePolicy": "FallbackToLogsOnError"}


def deployment(name: str, pod: Pod) -> dict[str, Any]:
    """Return a Deployment of one POD."""
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"terminationGracePeriodSeconds": 0, **pod}},
        },
    }


def _pod(image: str, container: Pod | None = None) -> Pod:
    return {"containers": [{"name": "app", "image": image, **(container or {})}]}


def _python(image: str, program: str, container: Pod) -> Pod:
    return _pod(image, {"command": ["python3", "-c", program], **container})
