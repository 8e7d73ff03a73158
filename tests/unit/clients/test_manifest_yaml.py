from __future__ import annotations

import math

import pytest

from cictl.clients.manifest_yaml import parse_manifests
from cictl.errors import ConfigInvalid


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("2027-01-15", "2027-01-15", id="a-date-is-text"),
        pytest.param("12:30", "12:30", id="base-60-is-text"),
        pytest.param("8080:80", "8080:80", id="ports-are-text"),
        pytest.param("=", "=", id="equals-sign"),
        pytest.param("1_000", "1_000", id="underscores-are-text"),
        pytest.param("1e+06", 1e6, id="what-go-prints"),
        pytest.param("2.147483e+09", 2147483000.0, id="what-go-prints-of-large-numbers"),
        pytest.param("1.5", 1.5, id="float"),
        pytest.param(".5", 0.5, id="no-zero"),
        pytest.param("-.inf", -math.inf, id="infinity"),
        pytest.param("1e", "1e", id="no-exponent"),
        pytest.param("e3", "e3", id="no-number"),
        pytest.param("0", 0, id="zero"),
        pytest.param("-12", -12, id="negative"),
        pytest.param("0644", 0o644, id="octal"),
        pytest.param("0o644", 0o644, id="octal-of-yaml-1.2"),
        pytest.param("0x1F", 31, id="hexadecimal"),
        pytest.param("089", "089", id="no-octal"),
        pytest.param("yes", True, id="yes"),
        pytest.param("null", None, id="null"),
        pytest.param("'1'", "1", id="quoted"),
        pytest.param("1.2.3", "1.2.3", id="version"),
    ],
)
def test_scalars_are_read_as_kubernetes_reads_them(text: str, expected: object) -> None:
    assert parse_manifests(text, "file") == (expected,)


def test_documents_merges_and_anchors() -> None:
    text = "a: &base {x: 1, y: 2}\n---\nb: 1\n---\n"
    assert parse_manifests(text, "file") == ({"a": {"x": 1, "y": 2}}, {"b": 1}, None)
    merged = "base: &base {x: 1, y: 2}\nc: {<<: *base, y: 3}\n"
    assert parse_manifests(merged, "file") == ({"base": {"x": 1, "y": 2}, "c": {"x": 1, "y": 3}},)


def test_merged_keys_are_not_there_twice() -> None:
    text = "a: {x: &x {k: 1}, y: &y {<<: *x, k: 2}}\nb: {<<: *y, k: 3}\n"
    assert parse_manifests(text, "file") == ({"a": {"x": {"k": 1}, "y": {"k": 2}}, "b": {"k": 3}},)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "app.yaml is not valid YAML: line 3, column 1: key 'a' is there twice"),
        ("a: [1\n", "app.yaml is not valid YAML: line 2, column 1: "),
        ("a: !!python/object:os.system {}", "app.yaml is not valid YAML: line 1, column 4: could not determine"),
        ("a: \x00", "app.yaml is not valid YAML: "),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(ConfigInvalid) as caught:
        parse_manifests(text, "app.yaml")
    assert caught.value.message.startswith(message)
