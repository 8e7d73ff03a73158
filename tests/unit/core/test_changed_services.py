from __future__ import annotations

import pytest

from cictl.core.changed_services import Concerned, ServicePaths, concerned_services

SERVICES = (
    ServicePaths("cart", ("services/cart", "charts/service")),
    ServicePaths("checkout", ("services/checkout", "charts/service", "libs/common")),
    ServicePaths("tools", ("tools/run.sh",)),
)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(["README.md", "services/cart-old/a"], [], id="elsewhere"),
        pytest.param(["services/cart/app/main.py"], [("cart", "services/cart/app/main.py")], id="its-folder"),
        pytest.param(["libs/common/a.py"], [("checkout", "libs/common/a.py")], id="what-it-uses"),
        pytest.param(
            ["a", "charts/service/Chart.yaml"],
            [("cart", "charts/service/Chart.yaml"), ("checkout", "charts/service/Chart.yaml")],
            id="the-chart-of-both",
        ),
        pytest.param(["tools/run.sh"], [("tools", "tools/run.sh")], id="a-file"),
        pytest.param(["tools/run.sh.bak"], [], id="a-longer-name"),
        pytest.param(None, [("cart", None), ("checkout", None), ("tools", None)], id="not-known"),
    ],
)
def test_concerned_services(changed: list[str] | None, expected: list[tuple[str, str | None]]) -> None:
    found = concerned_services(changed, SERVICES)
    assert found == tuple(Concerned(service, because) for service, because in expected)


@pytest.mark.parametrize("path", ["", "."])
def test_a_service_that_is_the_repository_is_concerned_by_all(path: str) -> None:
    assert concerned_services(["x"], [ServicePaths("one", (path,))]) == (Concerned("one", "x"),)
