from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cictl.core.image import is_tag
from cictl.core.image_source import (
    ChangedFile,
    SourceFacts,
    commit_of_labels,
    hash_changes,
    image_labels,
    without_credentials,
)

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILE = ChangedFile("a.py", "100644", b"1")
FILES = st.lists(st.builds(ChangedFile, st.text(max_size=8), st.just("100644"), st.none() | st.binary(max_size=8)))


@pytest.mark.parametrize(
    ("changes", "tag"), [(None, "0123456789ab"), ("fedcba9876543210", "0123456789ab-dirty-fedcba98")]
)
def test_tag(changes: str | None, tag: str) -> None:
    facts = SourceFacts(COMMIT, 0, changes=changes)
    assert facts.tag == tag
    assert facts.is_dirty is (changes is not None)
    assert is_tag(tag)


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=4_102_444_800))
def test_created_is_utc(committed_at: int) -> None:
    assert SourceFacts(COMMIT, committed_at).created.endswith("Z")


def test_created_is_the_commits_time() -> None:
    assert SourceFacts(COMMIT, 1_700_000_000).created == "2023-11-14T22:13:20Z"


def test_nothing_changed_has_no_hash() -> None:
    assert hash_changes([]) is None


@settings(deadline=None)
@given(FILES)
def test_order_does_not_matter(files: list[ChangedFile]) -> None:
    assert hash_changes(files) == hash_changes(reversed(files))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(ChangedFile("a.py", "100644", b"2"), id="content"),
        pytest.param(ChangedFile("a.py", "100755", b"1"), id="mode"),
        pytest.param(ChangedFile("b.py", "100644", b"1"), id="name"),
        pytest.param(ChangedFile("a.py", "100644", None), id="deleted"),
        pytest.param(ChangedFile("a.py", "100644", b""), id="empty"),
    ],
)
def test_every_difference_counts(other: ChangedFile) -> None:
    assert hash_changes([FILE]) != hash_changes([other])


def test_a_name_that_is_no_text_is_hashed_too() -> None:
    assert hash_changes([ChangedFile("\udcff.py", "100644", b"")])


def test_labels() -> None:
    facts = SourceFacts(COMMIT, 1_700_000_000, remote="https://ann:secret@git.example.com/shop/checkout.git")
    assert image_labels(facts, version="1") == {
        "org.opencontainers.image.revision": COMMIT,
        "org.opencontainers.image.created": "2023-11-14T22:13:20Z",
        "org.opencontainers.image.version": "1",
        "org.opencontainers.image.source": "https://git.example.com/shop/checkout.git",
    }


def test_the_catalogue_knows_the_source_better_than_the_clone() -> None:
    facts = SourceFacts(COMMIT, 0, remote="/srv/mirror")
    labels = image_labels(facts, version="1", source="https://git.example.com/a.git")
    assert labels["org.opencontainers.image.source"] == "https://git.example.com/a.git"


def test_without_a_source_there_is_no_label_for_it() -> None:
    assert "org.opencontainers.image.source" not in image_labels(SourceFacts(COMMIT, 0), version="1")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://git.example.com/a.git", "https://git.example.com/a.git"),
        ("https://token@git.example.com:8443/a.git", "https://git.example.com:8443/a.git"),
        ("https://a:b@c@git.example.com/a.git", "https://git.example.com/a.git"),
        ("git@git.example.com:shop/a.git", "git@git.example.com:shop/a.git"),
        ("/srv/a@b.git", "/srv/a@b.git"),
    ],
)
def test_without_credentials(url: str, shown: str) -> None:
    assert without_credentials(url) == shown


@pytest.mark.parametrize(
    ("facts", "version", "kept"),
    [
        pytest.param(SourceFacts(COMMIT, 0), "0123456789ab", COMMIT, id="all-is-committed"),
        pytest.param(SourceFacts(COMMIT, 0, changes="f" * 64), "0123456789ab", f"{COMMIT}-dirty", id="some-is-not"),
        pytest.param(SourceFacts(COMMIT, 0, changes="f" * 64), "v1", f"{COMMIT}-dirty", id="whatever-it-is-called"),
        pytest.param(
            SourceFacts(COMMIT, 0), "0123456789ab-dirty-fedcba98", f"{COMMIT}-dirty", id="by-an-earlier-cictl"
        ),
    ],
)
def test_an_images_labels_say_whether_all_was_committed(facts: SourceFacts, version: str, kept: str) -> None:
    assert commit_of_labels(image_labels(facts, version=version)) == kept


def test_an_image_of_others_names_no_commit() -> None:
    assert commit_of_labels({"org.opencontainers.image.version": "1-dirty-01234567"}) is None
