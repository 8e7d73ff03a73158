from __future__ import annotations

from typing import Any

import pytest

from cictl.core.manifest_checks import check_manifests, direct_only, without_test_hooks

Manifest = dict[str, Any]


def an_object(kind: str, name: str = "a", api: str = "v1", **rest: object) -> Manifest:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, **rest}


def with_metadata(manifest: Manifest, **metadata: object) -> Manifest:
    return {**manifest, "metadata": {**manifest["metadata"], **metadata}}


def hook(kind: str, hooks: str) -> Manifest:
    return with_metadata(an_object(kind, api="batch/v1"), annotations={"helm.sh/hook": hooks})


DEPLOYMENT = an_object("Deployment", "checkout", "apps/v1", spec={"template": {}})
SECRET = an_object("Secret", data={"k": "dg=="})
RBAC = "rbac.authorization.k8s.io/v1"


@pytest.mark.parametrize(
    ("manifest", "where", "message"),
    [
        pytest.param(hook("Job", "pre-install,pre-upgrade"), "Job/a", "is a Helm hook", id="hook"),
        pytest.param(an_object("Namespace"), "Namespace/a", "belongs to the whole cluster", id="namespace"),
        pytest.param(
            an_object("ClusterRole", api=RBAC), "ClusterRole/a", "belongs to the whole cluster", id="cluster-role"
        ),
        pytest.param(
            an_object("CustomResourceDefinition", api="apiextensions.k8s.io/v1"),
            "CustomResourceDefinition/a",
            "custom resource definition",
            id="crd",
        ),
        pytest.param(with_metadata(an_object("Service"), namespace="other"), "Service/a", "'other'", id="namespace"),
        pytest.param(an_object("Job", api="batch/v1"), "Job/a", "is a bare Job", id="job"),
        pytest.param(an_object("Pod"), "Pod/a", "is not renewed", id="pod"),
        pytest.param(SECRET, "Secret/a", "holds secret data", id="secret"),
        pytest.param(an_object("Secret", stringData={"k": "v"}), "Secret/a", "holds secret data", id="secret-text"),
        pytest.param({**DEPLOYMENT}, "Deployment/checkout", "is there 2 times", id="twice"),
        pytest.param(
            an_object("Deployment", "checkout", "apps/v1beta1"),
            "Deployment/checkout",
            "is there 2 times",
            id="other-version",
        ),
        pytest.param(
            an_object("Deployment", "b", "apps/v1"), "Deployment/b", "is one of 2 (b, checkout)", id="two-deployments"
        ),
        pytest.param("text", "Document/2", "is not a Kubernetes object", id="text"),
        pytest.param({"kind": "Service"}, "Service/2", "has no apiVersion", id="no-version"),
        pytest.param({"apiVersion": "v1"}, "Document/2", "no kind", id="no-kind"),
        pytest.param({"apiVersion": "v1", "kind": "Service"}, "Service/2", "has no metadata.name", id="no-name"),
        pytest.param(
            {"apiVersion": "v1", "kind": "Service", "metadata": {"generateName": "a-"}},
            "Service/",
            "generateName",
            id="generated",
        ),
    ],
)
def test_what_is_refused(manifest: object, where: str, message: str) -> None:
    first, *_ = check_manifests([DEPLOYMENT, manifest], "shop")
    assert f"{first.kind}/{first.name}" == where
    assert message in str(first)
    assert first.hint


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param(an_object("Service"), id="service"),
        pytest.param(with_metadata(an_object("Service"), namespace="shop"), id="own-namespace"),
        pytest.param(an_object("Secret", type="kubernetes.io/service-account-token"), id="empty-secret"),
        pytest.param(an_object("CronJob", api="batch/v1"), id="cron-job"),
        pytest.param(an_object("Role", api=RBAC), id="role"),
        pytest.param(an_object("Deployment", api="other.example.com/v1"), id="another-groups-deployment"),
    ],
)
def test_what_is_fine(manifest: Manifest) -> None:
    assert check_manifests([DEPLOYMENT, manifest], "shop") == ()


def test_secret_can_be_opted_in_by_name() -> None:
    assert check_manifests([DEPLOYMENT, SECRET], "shop", {"a"}) == ()
    assert check_manifests([DEPLOYMENT, SECRET], "shop", {"b"}) != ()


def test_no_deployment() -> None:
    (problem,) = check_manifests([an_object("StatefulSet", api="apps/v1")], "shop")
    assert str(problem) == "Deployment/: is missing: a service is exactly one Deployment"


def test_all_problems_are_told_at_once() -> None:
    assert len(check_manifests([SECRET, an_object("Namespace"), "text"], "shop")) == 4


@pytest.mark.parametrize(
    ("hooks", "dropped"), [("test", True), ("test-success, test", True), ("test,post-install", False)]
)
def test_only_test_hooks_are_dropped(hooks: str, dropped: bool) -> None:
    objects = [DEPLOYMENT, hook("Pod", hooks)]
    assert without_test_hooks(objects) == ((DEPLOYMENT,) if dropped else tuple(objects))


def claim(*modes: str) -> Manifest:
    return an_object("PersistentVolumeClaim", "disk", spec={"accessModes": list(modes)})


def mounting(**volume: object) -> Manifest:
    pods = {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "disk", **volume}}]}
    return {**DEPLOYMENT, "spec": {"template": {"spec": pods}}}


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        pytest.param([DEPLOYMENT], None, id="plain"),
        pytest.param([DEPLOYMENT, an_object("StatefulSet", api="apps/v1")], "StatefulSet/a", id="stateful-set"),
        pytest.param([DEPLOYMENT, an_object("DaemonSet", api="apps/v1")], "DaemonSet/a", id="daemon-set"),
        pytest.param([{**DEPLOYMENT, "spec": {"strategy": {"type": "Recreate"}}}], "strategy Recreate", id="recreate"),
        pytest.param([mounting(), claim("ReadWriteOnce")], "claim 'disk'", id="one-writer"),
        pytest.param([mounting(), claim("ReadWriteOncePod")], "claim 'disk'", id="one-pod"),
        pytest.param([mounting(), claim("ReadWriteMany")], None, id="many-writers"),
        pytest.param([mounting(readOnly=True), claim("ReadWriteOnce")], None, id="read-only"),
        pytest.param([DEPLOYMENT, claim("ReadWriteOnce")], None, id="not-mounted"),
    ],
)
def test_direct_only(objects: list[Manifest], expected: str | None) -> None:
    reasons = direct_only(objects)
    assert len(reasons) == (0 if expected is None else 1)
    assert expected is None or expected in reasons[0]


def test_live_claims_count_too() -> None:
    assert direct_only([mounting()], [claim("ReadWriteOnce")])
