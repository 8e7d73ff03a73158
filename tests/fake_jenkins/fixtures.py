"""Fixtures: a fake Jenkins that fails the test when it was asked for what it does not know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import pytest

from tests.fake_jenkins.server import FakeJenkins


class MakeFakeJenkins(Protocol):
    def __call__(self, **options: Any) -> FakeJenkins: ...  # noqa: ANN401 - those of FakeJenkins


@pytest.fixture
def make_fake_jenkins() -> Iterator[MakeFakeJenkins]:
    """Make as many as wanted, with options; all are stopped, and have to have known every request."""
    made: list[FakeJenkins] = []

    def make(**options: Any) -> FakeJenkins:  # noqa: ANN401 - as above
        made.append(FakeJenkins(**options).start())
        return made[-1]

    yield make
    for each in made:
        each.stop()
    assert [each.unknown for each in made if each.unknown] == []


@pytest.fixture
def fake_jenkins(make_fake_jenkins: MakeFakeJenkins) -> FakeJenkins:
    return make_fake_jenkins()
