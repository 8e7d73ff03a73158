from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from cictl.config.inspect import platform_schema, service_schema, settings
from cictl.config.platform import load_config

_ROOT = Path(__file__).parents[3]


def test_settings_say_where_each_value_is_from(tmp_path: Path) -> None:
    path = tmp_path / "cictl.yaml"
    path.write_text("version: 1\nstrategies:\n  s: {watch: 90s}\n")
    found = {s.key: (s.shown, s.origin) for s in settings(load_config(path))}
    assert found["strategies.s.watch"] == ("1m30s", f"{path}:3")
    assert found["strategies.s.deadline"] == ("30m", "default")
    assert found["version"] == ("1", f"{path}:1")


def test_the_repositorys_own_file_fits_the_schema() -> None:
    jsonschema.validate(yaml.safe_load((_ROOT / "cictl.yaml").read_text()), platform_schema())


@pytest.mark.parametrize(
    ("schema", "document"),
    [
        pytest.param(platform_schema(), {"version": 1, "registy": {}}, id="unknown-key"),
        pytest.param(platform_schema(), {"version": 1, "strategies": {"s": {"watch": 10}}}, id="bare-duration"),
        pytest.param(platform_schema(), {"version": 1, "strategies": {"s": {"watch": "3min"}}}, id="unit"),
        pytest.param(service_schema(), {"name": "x", "charts": {}}, id="service-key"),
    ],
)
def test_the_schema_refuses_what_cictl_refuses(schema: dict[str, object], document: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)
