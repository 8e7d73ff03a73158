from __future__ import annotations

from typing import Any

import pytest

from cictl.core.release_target import ReleaseTarget
from cictl.errors import NotFound
from cictl.services.live_release import LiveReleases

READY = {"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "1970-01-01T00:01:00Z"}]}


def _owned(name: str, owner: str, **rest: Any) -> dict[str, Any]:  # noqa: ANN401 - the API's JSON
    owners = [{"uid": owner, "controller": True}]
    return {"metadata": {"name": name, "uid": f"{name}-uid", "ownerReferences": owners}, **rest}


def _replica_set(name: str, image: str, *, pods: int, owner: str = "d") -> dict[str, Any]:
    return _owned(name, owner, spec={"template": {"spec": {"image": image}}}, status={"replicas": pods})


class Objects:
    def __init__(self, *replica_sets: dict[str, Any]) -> None:
        pods = [_owned("new-aaaaa", "new-uid", status=READY), _owned("new-bbbbb", "new-uid"), _owned("x", "old-uid")]
        self.lists = {"ReplicaSet": list(replica_sets), "Pod": pods}

    def find(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        assert (kind, namespace) == ("Deployment", "shop")
        meta = {"name": name, "namespace": namespace, "uid": "d"}
        return {"metadata": meta, "spec": {"template": {"spec": {"image": "v2"}}}} if name == "checkout" else None

    def list(self, kind: str, namespace: str) -> dict[str, Any]:
        assert namespace == "shop"
        return {"items": self.lists[kind]}


NEW, OLD = _replica_set("new", "v2", pods=2), _replica_set("old", "v1", pods=1)
GONE, FOREIGN = _replica_set("gone", "v0", pods=0), _replica_set("foreign", "v2", pods=1, owner="other")


def test_the_newest_template_is_judged_beside_the_other_releases_that_have_pods() -> None:
    found = LiveReleases(Objects(FOREIGN, GONE, OLD, NEW), "shop").find_release("checkout")
    assert isinstance(found, ReleaseTarget)
    assert (found.replica_set, found.other_replica_sets) == ("new", ("old",))
    assert [(pod.name, pod.ready_since) for pod in found.ready_pods] == [("new-aaaaa", 60.0)]
    assert found.all_pod_names == ("new-aaaaa", "new-bbbbb")


@pytest.mark.parametrize(
    ("service", "message"),
    [
        pytest.param("nothing", "no Deployment 'nothing'", id="no-deployment"),
        pytest.param("checkout", "no ReplicaSet of its template yet", id="no-replica-set"),
    ],
)
def test_not_found(service: str, message: str) -> None:
    with pytest.raises(NotFound, match=message):
        LiveReleases(Objects(OLD), "shop").find_release(service)
