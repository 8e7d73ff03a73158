from __future__ import annotations

from collections.abc import Mapping

import pytest

from cictl.core.build_traces import StartRequest, started_by
from cictl.core.jenkins_builds import Build, Queued

_VALUES = {"VERSION": "7", "KEY": "secret"}
_REQUEST = StartRequest("ana", _VALUES, next_number=5, queued_before=frozenset({30}))
_SHOWN = {"VERSION": "7"}  # Jenkins leaves passwords out


def _build(number: int, queue_id: int, values: Mapping[str, str] = _SHOWN, user: str = "ana") -> Build:
    return Build("j", number, True, None, 0.0, 0.0, queue_id, values, (), (user,))  # noqa: FBT003 - a row


_CASES = [
    pytest.param([], [], None, id="nothing"),
    pytest.param([Queued(31, _SHOWN, ("ana",))], [], 31, id="queued"),
    pytest.param([Queued(31, _SHOWN, ("Ana",))], [], 31, id="jenkins-spells-the-user-otherwise"),
    pytest.param([], [_build(5, 31)], 31, id="built"),
    pytest.param([], [_build(4, 31)], None, id="built-before"),
    pytest.param([Queued(31, {"VERSION": "8"}, ("ana",))], [], None, id="other-values"),
    pytest.param([Queued(31, _SHOWN, ("bob",))], [_build(5, 32, user="bob")], None, id="other-users"),
    pytest.param([Queued(31, _SHOWN, ())], [], None, id="a-push"),
    pytest.param([Queued(31, _SHOWN, ("bob", "ana"))], [], 31, id="added-to-anothers"),
    pytest.param([Queued(30, _SHOWN, ("ana",))], [], 30, id="added-to-what-waited"),
    pytest.param([Queued(30, _SHOWN, ("ana",))], [_build(6, 32), _build(5, 31)], 31, id="new-ones-first"),
]


@pytest.mark.parametrize(("queued", "builds", "expected"), _CASES)
def test_started_by(queued: list[Queued], builds: list[Build], expected: int | None) -> None:
    assert started_by(_REQUEST, queued, builds) == expected


def test_whom_jenkins_does_not_name_anybody_may_be() -> None:
    request = StartRequest(None, {}, next_number=1, queued_before=frozenset())
    assert started_by(request, [Queued(3, {}, ("x",))], []) == 3
