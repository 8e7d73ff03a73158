"""Where a repository is: as Git reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.repository_place import RepositoryPlace, parse_place


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/srv/git/app.git", RepositoryPlace("/srv/git/app.git")),
        ("app.git", RepositoryPlace("app.git")),
        ("./a:b/app.git", RepositoryPlace("./a:b/app.git")),
        ("file:///srv/a%20b.git", RepositoryPlace("/srv/a b.git")),
        ("git@host:app.git", RepositoryPlace("app.git", "git@host")),
        ("host:/srv/app.git", RepositoryPlace("/srv/app.git", "host")),
        ("git@host:~/app.git", RepositoryPlace("app.git", "git@host")),
        ("ssh://git@host/srv/app.git", RepositoryPlace("/srv/app.git", "git@host")),
        ("ssh://git@host:2222/srv/a%20b.git", RepositoryPlace("/srv/a b.git", "git@host", 2222)),
        ("ssh://host/~/app.git", RepositoryPlace("app.git", "host")),
        ("ssh://git@[::1]:22/a.git", RepositoryPlace("/a.git", "git@::1", 22)),
        ("git@[fe80::1]:a.git", None),
    ],
)
def test_places(text: str, expected: RepositoryPlace | None) -> None:
    if expected is None:
        with pytest.raises(ValueError, match="no host"):
            parse_place(text)
    else:
        assert parse_place(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://git.example.com/app.git",
        "ssh://-oProxyCommand=x/app.git",
        "-oProxyCommand=x:app.git",
        "git@-host:app.git",
        "$(x)@host:app.git",
        "host:",
        "host:/",
        "host:~somebody/app.git",
        "ssh://host:99999/app.git",
        "ssh:///app.git",
        "a\nb",
    ],
)
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_place(text)


@given(st.text())
def test_a_login_can_be_no_option_and_no_command(text: str) -> None:
    try:
        place = parse_place(text)
    except ValueError:
        return
    if place.login is not None:
        assert not place.login.startswith("-")
        assert not set(place.login) & set(" $`;|&<>\"'\\\n/")


@pytest.mark.parametrize("text", ["/srv/app.git", "git@host:app.git", "ssh://git@host:2222/srv/app.git"])
def test_it_is_written_as_it_was_given(text: str) -> None:
    assert str(parse_place(text)) == text
