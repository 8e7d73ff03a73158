"""The lock and the records as jobs of Jenkins."""

from __future__ import annotations

import pytest

from cictl.core.job_keeping import (
    Lock,
    is_own,
    kept_text,
    lock_xml,
    own_names,
    read_lock,
    shard_name,
    shard_number,
    shard_xml,
)
from cictl.core.job_xml import parse_config

LOCK = Lock("abc", "ann@laptop */, process 7", "laptop/b/1/7/9", 10.0, 20.0)


def test_a_lock_is_read_back() -> None:
    assert read_lock(lock_xml(LOCK)) == LOCK
    assert read_lock(lock_xml(LOCK.renewed_at(30.0))).renewed == 30.0


@pytest.mark.parametrize(
    "xml",
    [
        "<flow-definition/>",
        "<flow-definition><definition><script>/* {} */</script></definition></flow-definition>",
        "<flow-definition><definition><script>/* [] */</script></definition></flow-definition>",
        "<flow-definition><definition><script>/* x */</script></definition></flow-definition>",
    ],
)
def test_what_is_no_lock(xml: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_lock(xml)


def test_records_stand_in_a_job_that_does_nothing() -> None:
    xml = shard_xml('{"a": "<&>"}')
    assert kept_text(xml) == '{"a": "<&>"}'
    root = parse_config(xml)
    assert root.text_of("disabled") == "true"
    assert root.text_of("definition", "sandbox") == "true"


@pytest.mark.parametrize("folder", ["shop", ""])
@pytest.mark.parametrize("number", [1, 2, 17])
def test_each_shard_has_its_job(folder: str, number: int) -> None:
    name = shard_name(folder, number)
    assert shard_number(name) == number
    assert is_own(name, folder)
    assert not is_own(name, "other")


def test_own_names() -> None:
    inside = ("shop/admin/seed", "shop/admin/cictl-state-2")
    assert own_names("shop", inside) == ("shop/admin/cictl-lock", "shop/admin/cictl-state", "shop/admin/cictl-state-2")
    assert shard_number("shop/admin/cictl-state-x") is None
