from __future__ import annotations

from typing import Any

import pytest

from cictl.core.access import grants

DEPLOYMENTS = {"verbs": ["get", "patch"], "apiGroups": ["apps"], "resources": ["deployments"]}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param(DEPLOYMENTS, True, id="listed"),
        pytest.param({**DEPLOYMENTS, "verbs": ["*"]}, True, id="any-verb"),
        pytest.param({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}, True, id="everything"),
        pytest.param({**DEPLOYMENTS, "verbs": ["get"]}, False, id="other-verb"),
        pytest.param({**DEPLOYMENTS, "apiGroups": [""]}, False, id="other-group"),
        pytest.param({**DEPLOYMENTS, "resources": ["deployments/scale"]}, False, id="only-a-subresource"),
        pytest.param({**DEPLOYMENTS, "resourceNames": ["web"]}, False, id="only-one-object"),
        pytest.param({"verbs": ["get"], "nonResourceURLs": ["*"]}, False, id="no-resources"),
    ],
)
def test_grants(rule: dict[str, Any], expected: bool) -> None:
    assert grants([{"verbs": []}, rule], "patch", "apps", "deployments") is expected


def test_no_rules_grant_nothing() -> None:
    assert not grants([], "get", "", "pods")
