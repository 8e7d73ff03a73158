from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.repository_address import repository_name, repository_problem


@pytest.mark.parametrize("address", ["https://[git.example.com/a.git", "ssh://git@[::1/a", "https:///a", "ftp://a/b"])
def test_what_is_no_address_is_told_and_has_no_name(address: str) -> None:
    assert address in (repository_problem(address) or "")
    assert repository_name(address) is None


@given(st.text("aA1:/@[].-~ %\\", max_size=20) | st.text(max_size=20))
def test_whatever_stands_there_is_an_address_or_not(address: str) -> None:
    is_good = repository_problem(address) is None
    assert (repository_name(address) is not None) is is_good
    repository_problem(f"https://{address}")
    repository_name(f"ssh://{address}")
    repository_name(f"http://git.example.com:{address}")
