from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cictl.clients.helm_errors import translate
from cictl.core.chart_request import ChartRequest

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: dict[str, Any] = {"properties": {"replicas": {}, "image": {"properties": {"digest": {}, "repository": {}}}}}


def a_request(chart: str = "charts/service") -> ChartRequest:
    return ChartRequest("checkout", chart, "shop", {}, "v1.34.4")


def schema_error(*lines: str) -> str:
    heading = "Error: values don't meet the specifications of the schema(s) in the following chart(s):"
    return "\n".join((heading, "service:", *lines, ""))


PREFIX = "chart charts/service does not render for checkout: "


@pytest.mark.parametrize(
    ("stderr", "message"),
    [
        pytest.param(
            schema_error("- at '/image/digest': 'x' does not match pattern '^sha256'"),
            f"{PREFIX}image.digest: 'x' does not match pattern '^sha256'",
            id="schema",
        ),
        pytest.param(
            schema_error("- at '': missing property 'image'", "- at '/replicas': got string, want integer"),
            f"{PREFIX}values: missing property 'image'; replicas: got string, want integer",
            id="two-findings",
        ),
        pytest.param(
            "Error: execution error at (service/templates/deployment.yaml:1:4): image.repository is required\n\n"
            "Use --debug flag to render out invalid YAML\n",
            f"{PREFIX}image.repository is required (service/templates/deployment.yaml:1:4)",
            id="fail-in-a-template",
        ),
        pytest.param("WARNING: kubeconfig is group-readable\nError: boom\n", f"{PREFIX}boom", id="anything-else"),
        pytest.param('Error: path "charts/service" not found\n', "there is no chart at charts/service", id="no-path"),
        pytest.param("Error: Chart.yaml file is missing\n", "there is no chart at charts/service", id="no-chart"),
        pytest.param(
            "Error: An error occurred while checking for chart dependencies. You may need to run `helm"
            " dependency build` to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory:"
            " redis\n",
            "chart charts/service lacks its dependencies",
            id="dependencies",
        ),
    ],
)
def test_translate(stderr: str, message: str) -> None:
    error = translate(stderr, a_request())
    assert error.message == message
    assert error.hint


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("- at '': additional properties 'replica' not allowed", "did you mean 'replicas'?"),
        ("- at '/image': additional properties 'digets', 'b' not allowed", "did you mean 'digest'?"),
        ("- at '': additional properties 'xyz' not allowed", "known: image, replicas"),
        ("- at '/nowhere': additional properties 'a' not allowed", "correct the values in service.yaml, or the chart"),
        ("- at '/replicas': got string, want integer", "correct the values in service.yaml, or the chart"),
    ],
)
def test_unknown_key_gets_the_nearest_one(tmp_path: Path, line: str, hint: str) -> None:
    (tmp_path / "values.schema.json").write_text(json.dumps(SCHEMA))
    assert translate(schema_error(line), a_request(str(tmp_path))).hint == hint


def test_schema_that_cannot_be_read_gives_no_hint(tmp_path: Path) -> None:
    (tmp_path / "values.schema.json").write_text("{")
    stderr = schema_error("- at '': additional properties 'replica' not allowed")
    assert translate(stderr, a_request(str(tmp_path))).hint == "correct the values in service.yaml, or the chart"
