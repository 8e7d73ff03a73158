from __future__ import annotations

import pytest

from cictl.core.build_answers import answers, asks_for_values

_PLAIN = "[Pipeline] {\n[Pipeline] input\nPromote?\nProceed or Abort\n"
_ASKING = "[Pipeline] {\n[Pipeline] input\nInput requested\n"


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        pytest.param(_PLAIN, False, id="a-question"),
        pytest.param(_ASKING, True, id="parameters"),
        pytest.param(f"{_ASKING}Approved by ana\n{_PLAIN}", False, id="parameters-before"),
        pytest.param("", False, id="nothing-yet"),
    ],
)
def test_whether_values_are_asked_for(log: str, expected: bool) -> None:
    assert asks_for_values(log) is expected


def test_who_answered() -> None:
    log = f"{_ASKING}Approved by ana\n{_PLAIN}Rejected by Bob B.\r\nAborted by c\nnot Approved by d\n"
    assert answers(log) == ("Approved by ana", "Rejected by Bob B.", "Aborted by c")
