from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cictl.core.image import DOCKER_HUB, ImageReference, parse_reference

SHA = f"sha256:{'a1' * 32}"
_PART = st.from_regex(r"[a-z0-9]{1,4}((\.|_|__|-{1,2})[a-z0-9]{1,4}){0,2}", fullmatch=True)
_PATH = st.lists(_PART, min_size=1, max_size=3).map("/".join)
_HOST = st.one_of(
    st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9](\.[a-z]{2,5}){1,2}(:[1-9][0-9]{0,4})?", fullmatch=True),
    st.from_regex(r"(localhost|[a-z]{1,8}|10\.0\.0\.1|\[::1\]):[1-9][0-9]{0,4}", fullmatch=True),
    st.just("localhost"),
).filter(lambda host: host not in {DOCKER_HUB, "index.docker.io"})
_HUB = st.tuples(st.just(DOCKER_HUB), st.tuples(_PART, _PATH).map("/".join))
_TAG = st.none() | st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", fullmatch=True)
_DIGEST = st.none() | st.from_regex(r"sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}", fullmatch=True)
REFERENCES = st.builds(
    lambda place, tag, digest: ImageReference("/".join(place), tag, digest),
    st.one_of(_HUB, st.tuples(_HOST, _PATH)),
    _TAG,
    _DIGEST,
)


@settings(deadline=None)  # how long an example takes says nothing of the code
@given(REFERENCES)
def test_what_is_written_is_read_back(reference: ImageReference) -> None:
    assert parse_reference(str(reference)) == reference


@settings(deadline=None)
@given(REFERENCES)
def test_registry_and_path_make_the_repository(reference: ImageReference) -> None:
    assert f"{reference.registry}/{reference.path}" == reference.repository


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(ValueError):
        reference = parse_reference(text)
        assert parse_reference(str(reference)) == reference


@pytest.mark.parametrize(
    ("text", "repository", "tag", "digest"),
    [
        pytest.param("python", "docker.io/library/python", None, None, id="official"),
        pytest.param("python:3.12-slim", "docker.io/library/python", "3.12-slim", None, id="official-tag"),
        pytest.param("me/app", "docker.io/me/app", None, None, id="hub"),
        pytest.param("docker.io/python", "docker.io/library/python", None, None, id="hub-spelled-out"),
        pytest.param("index.docker.io/me/app:1", "docker.io/me/app", "1", None, id="hub-by-its-old-name"),
        pytest.param("localhost/app", "localhost/app", None, None, id="localhost"),
        pytest.param("localhost:5000", "docker.io/library/localhost", "5000", None, id="a-tag-not-a-port"),
        pytest.param("localhost:5000/app", "localhost:5000/app", None, None, id="a-port-not-a-tag"),
        pytest.param("r.example/a/b:1", "r.example/a/b", "1", None, id="dotted-host"),
        pytest.param("Registry/app", "Registry/app", None, None, id="capitals-make-a-host"),
        pytest.param("[::1]:5000/a:1", "[::1]:5000/a", "1", None, id="ipv6"),
        pytest.param(f"r.example/a@{SHA}", "r.example/a", None, SHA, id="digest"),
        pytest.param(f"r.example/a:1@{SHA}", "r.example/a", "1", SHA, id="tag-and-digest"),
    ],
)
def test_parse_reference(text: str, repository: str, tag: str | None, digest: str | None) -> None:
    assert parse_reference(text) == ImageReference(repository, tag, digest)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not the name of a repository"),
        ("r.example/", "not the name of a repository"),
        ("r.example/App", "not the name of a repository"),
        ("r.example/a//b", "not the name of a repository"),
        ("r.example/a..b", "not the name of a repository"),
        (f"r.example/{'a' * 250}", "not the name of a repository"),
        ("https://r.example/a", "not the host of a registry"),
        ("user@r.example/a", "not a digest"),
        ("-r.example/a", "not the host of a registry"),
        ("r.example/a:", "'' in 'r.example/a:' is not a tag"),
        ("r.example/a:.1", "not a tag"),
        (f"r.example/a:{'1' * 129}", "not a tag"),
        ("r.example/a@", "not a digest"),
        ("r.example/a@sha256:abc", "not a digest"),
        (f"r.example/a@{SHA.upper()}", "not a digest"),
        (f"r.example/a@sha1:{'a' * 40}", "not a digest"),
        ("r.example/a:1\n", "not a tag"),
        ("r.example/a\n", "not the name of a repository"),
    ],
)
def test_parse_reference_says_what_is_wrong(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_reference(text)


def test_pinned() -> None:
    assert ImageReference("r.example/a", "1", SHA).pinned == f"r.example/a@{SHA}"
    with pytest.raises(ValueError, match="no digest yet"):
        _ = ImageReference("r.example/a", "1").pinned


@pytest.mark.parametrize(
    ("reference", "wanted"),
    [
        (ImageReference("r.example/a"), "latest"),
        (ImageReference("r.example/a", "1"), "1"),
        (ImageReference("r.example/a", "1", SHA), SHA),
    ],
)
def test_wanted(reference: ImageReference, wanted: str) -> None:
    assert reference.wanted == wanted
