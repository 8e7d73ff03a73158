from __future__ import annotations

import base64
import gzip
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.release import (
    MAX_PACKED_BYTES,
    PACKED_KEY,
    NewerState,
    ReleaseFacts,
    ReleaseTooLarge,
    ReleaseUnreadable,
    pack,
    parse_release_name,
    release_name,
    time_of,
    to_delete,
    unpack,
)
from cictl.core.rollout_state import Phase

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text().filter(lambda key: key != "stateVersion"), JSON, max_size=4))
def test_unpack_returns_what_was_packed(document: dict[str, Any]) -> None:
    assert unpack(pack(document)) == document


def test_equal_documents_pack_alike() -> None:
    assert pack({"a": 1, "b": {"x": 1, "y": 2}}) == pack({"b": {"y": 2, "x": 1}, "a": 1})


def test_packed_record_opens_with_common_tools() -> None:
    text = gzip.decompress(base64.b64decode(pack({"image": "shop/checkout"})[PACKED_KEY]))
    assert json.loads(text) == {"image": "shop/checkout", "stateVersion": 1}


def test_too_large_says_how_large() -> None:
    noise = hashlib.shake_256(b"noise").hexdigest(2 * MAX_PACKED_BYTES)
    with pytest.raises(ReleaseTooLarge, match=r"is \d+ KiB compressed, more than the 900 KiB") as caught:
        pack({"noise": noise})
    assert caught.value.packed_bytes > MAX_PACKED_BYTES


def packed(content: bytes) -> dict[str, str]:
    return {PACKED_KEY: base64.b64encode(content).decode()}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param({}, "has no release.json.gz", id="empty"),
        pytest.param({PACKED_KEY: "%%"}, "cannot be read", id="not-base64"),
        pytest.param(packed(b"plain"), "cannot be read", id="not-gzip"),
        pytest.param(packed(gzip.compress(b"{")), "cannot be read", id="not-json"),
        pytest.param(packed(gzip.compress(b"\xff")), "cannot be read", id="not-text"),
        pytest.param(packed(gzip.compress(b"[]")), "not an object", id="not-an-object"),
        pytest.param(packed(gzip.compress(b"{}")), "no stateVersion", id="no-version"),
        pytest.param(packed(gzip.compress(b'{"stateVersion":"1"}')), "no stateVersion", id="version-is-text"),
        pytest.param(packed(gzip.compress(b'{"stateVersion":1}')[:-9]), "cut short", id="cut-short"),
        pytest.param(packed(gzip.compress(b" " * (65 << 20))), "more than 64 MiB", id="bomb"),
    ],
)
def test_damaged_record_is_refused(data: dict[str, str], message: str) -> None:
    with pytest.raises(ReleaseUnreadable, match=message):
        unpack(data)


def test_record_of_a_newer_cictl_is_refused() -> None:
    with pytest.raises(NewerState, match="stateVersion 2, this cictl understands up to 1"):
        unpack(packed(gzip.compress(b'{"stateVersion":2}')))


@given(st.from_regex(r"[a-z]([a-z0-9.-]{0,20}[a-z0-9])?", fullmatch=True), st.integers(1, 10**6))
def test_release_name_is_read_back(service: str, revision: int) -> None:
    assert parse_release_name(release_name(service, revision)) == (service, revision)


@pytest.mark.parametrize(
    "name", ["cictl.checkout", "cictl.checkout.v0", "cictl.checkout.v1.record", "cictl..v1x", "other.v1"]
)
def test_other_names_are_no_releases(name: str) -> None:
    assert parse_release_name(name) is None


def good(revision: int, **marks: bool) -> ReleaseFacts:
    return ReleaseFacts(revision, Phase.SUCCEEDED, **marks)


def bad(revision: int, **marks: bool) -> ReleaseFacts:
    return ReleaseFacts(revision, Phase.ROLLED_BACK, **marks)


@pytest.mark.parametrize(
    ("releases", "expected"),
    [
        pytest.param([], (), id="none"),
        pytest.param([good(1), good(2), good(3, is_previous=True), good(4, is_current=True)], (1, 2), id="last-two"),
        pytest.param(
            [good(1), *map(bad, range(2, 9)), good(9, is_current=True)], (2, 3, 4, 5, 6, 7), id="failed-apart"
        ),
        pytest.param([good(1, is_current=True), good(2), good(3), good(4)], (2,), id="current-after-an-undo"),
        pytest.param([good(1), good(2), bad(3, is_active=True), bad(4)], (), id="active-costs-no-place"),
        pytest.param([ReleaseFacts(1, None), good(2), bad(3), good(4)], (1,), id="never-ended"),
        pytest.param([good(2), good(3), bad(4), bad(5)], (4,), id="failed-newest"),
    ],
)
def test_to_delete(releases: list[ReleaseFacts], expected: tuple[int, ...]) -> None:
    assert to_delete(releases, keep_succeeded=2, keep_failed=1) == expected


FACTS = st.lists(
    st.builds(
        ReleaseFacts,
        st.integers(1, 40),
        st.sampled_from([None, Phase.SUCCEEDED, Phase.ROLLED_BACK, Phase.SUPERSEDED]),
        is_current=st.booleans(),
        is_previous=st.booleans(),
        is_active=st.booleans(),
    ),
    unique_by=lambda facts: facts.revision,
)


@given(FACTS, st.integers(-1, 5), st.integers(-1, 5))
def test_what_is_in_use_is_never_deleted(releases: list[ReleaseFacts], succeeded: int, failed: int) -> None:
    deleted = set(to_delete(releases, keep_succeeded=succeeded, keep_failed=failed))
    assert not deleted & {each.revision for each in releases if each.is_in_use}
    assert not deleted & {max((each.revision for each in releases), default=0)}


@given(FACTS, st.integers(0, 5), st.integers(0, 5))
def test_deleting_again_finds_nothing(releases: list[ReleaseFacts], succeeded: int, failed: int) -> None:
    deleted = to_delete(releases, keep_succeeded=succeeded, keep_failed=failed)
    left = [each for each in releases if each.revision not in deleted]
    assert to_delete(left, keep_succeeded=succeeded, keep_failed=failed) == ()


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        pytest.param("1970-01-01T01:00:05+01:00", 5.0, id="a-time"),
        pytest.param("", None, id="empty"),
        pytest.param("yesterday", None, id="words"),
        pytest.param("9999-99-99T00:00:00Z", None, id="no-such-day"),
        pytest.param("0001-01-01T00:00:00+00:00", None, id="before-the-epoch"),
    ],
)
def test_times_that_anybody_may_have_written(written: str, seconds: float | None) -> None:
    assert time_of(written) == seconds
