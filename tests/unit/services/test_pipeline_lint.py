from __future__ import annotations

import pytest

from cictl.core.pipeline_verdict import Validity, Verdict
from cictl.errors import Unreachable
from cictl.services.pipeline_lint import ask

_AWAY = Unreachable("nobody answers", hint="look")


class _Validator:
    def __init__(self, answer: Verdict | Unreachable) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def validate(self, jenkinsfile: str) -> Verdict:
        self.asked.append(jenkinsfile)
        if isinstance(self.answer, Unreachable):
            raise self.answer
        return self.answer


def _fail() -> _Validator:
    raise _AWAY


@pytest.mark.parametrize("is_demanded", [True, False])
def test_what_it_says_is_returned(is_demanded: bool) -> None:
    validator = _Validator(Verdict(Validity.VALID))
    assert ask(lambda: validator, "text", is_demanded=is_demanded).validity is Validity.VALID
    assert validator.asked == ["text"]


def test_who_says_nothing_has_passed_nothing() -> None:
    away = Verdict(Validity.UNKNOWN, reason="nobody answers")
    assert ask(lambda: _Validator(_AWAY), "text", is_demanded=False) == away
    assert ask(_fail, "text", is_demanded=False) == away


def test_what_was_demanded_has_to_come() -> None:
    with pytest.raises(Unreachable):
        ask(lambda: _Validator(_AWAY), "text", is_demanded=True)
    with pytest.raises(Unreachable):
        ask(_fail, "text", is_demanded=True)
