from __future__ import annotations

from pathlib import Path

import pytest

from cictl.config.problems import ConfigProblems
from cictl.config.service_file import ServiceFile, Values, load_service_file, merged

_FULL = """\
name: checkout
image: {dockerfile: build/Dockerfile, args: {VERSION: "1"}}
test: {target: test, junit: /out/junit.xml}
chart:
  values: {replicas: 2, resources: {cpu: 1, memory: 2}}
environments:
  production:
    values: {replicas: 5, resources: {cpu: 4}}
"""


def _load(tmp_path: Path, text: str) -> ServiceFile:
    (tmp_path / "service.yaml").write_text(text)
    return load_service_file(tmp_path, name="service.yaml")


def test_paths_begin_at_the_files_folder(tmp_path: Path) -> None:
    service = _load(tmp_path, _FULL)
    assert service.folder == tmp_path
    assert service.dockerfile == tmp_path / "build/Dockerfile"
    assert service.build_context == tmp_path
    assert service.chart_path is None
    assert service.manifests_path is None


def test_values_are_laid_over_mapping_by_mapping(tmp_path: Path) -> None:
    service = _load(tmp_path, _FULL)
    assert service.values_for("production") == {"replicas": 5, "resources": {"cpu": 4, "memory": 2}}
    assert service.values_for("elsewhere") == {"replicas": 2, "resources": {"cpu": 1, "memory": 2}}


def test_merging_replaces_lists_and_changes_neither_side() -> None:
    base: Values = {"a": [1], "b": {"c": 1}}
    assert merged(base, {"a": [2], "b": {"d": 2}}) == {"a": [2], "b": {"c": 1, "d": 2}}
    assert base == {"a": [1], "b": {"c": 1}}


def test_a_folder_of_manifests(tmp_path: Path) -> None:
    service = _load(tmp_path, "name: x\nmanifests: deploy\n")
    assert service.manifests_path == tmp_path / "deploy"
    assert service.values_for("production") == {}


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        pytest.param("image: {}\n", "service.yaml: name: is missing", id="no-name"),
        pytest.param(
            "name: x\nimage:\n  dockerfil: y\n",
            "service.yaml:3: image.dockerfil: unknown key; did you mean 'dockerfile'?",
            id="typo",
        ),
        pytest.param("name: x\nchart: {}\nmanifests: y\n", "`chart` and `manifests` exclude each other", id="both"),
        pytest.param("name: x\ntest: {junit: y}\n", "service.yaml:2: test: needs `target` or `command`", id="test"),
        pytest.param(
            "name: x\nmanifests: y\nenvironments: {prod: {values: {a: 1}}}\n", "take no values", id="manifest-values"
        ),
    ],
)
def test_findings(tmp_path: Path, text: str, finding: str) -> None:
    with pytest.raises(ConfigProblems) as caught:
        _load(tmp_path, text)
    assert finding in caught.value.message
