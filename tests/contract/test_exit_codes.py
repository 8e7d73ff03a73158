"""Exit codes are an interface: scripts and pipelines branch on them."""

from __future__ import annotations

import pytest

from cictl import errors
from cictl.errors import CictlError, ExitCode
from docs.generate import exit_codes_page

_PUBLISHED = {
    "OK": 0,
    "BUG": 1,
    "USAGE": 2,
    "CONFIG": 3,
    "NOT_FOUND": 4,
    "NOT_ALLOWED": 5,
    "CONFLICT": 6,
    "UNREACHABLE": 7,
    "TIMED_OUT": 8,
    "FAR_SIDE_FAILED": 9,
    "GATE_UNHEALTHY": 10,
    "GATE_UNDECIDED": 11,
    "CHANGES_PRESENT": 20,
}


def _all_errors(base: type[CictlError] = CictlError) -> list[type[CictlError]]:
    return [found for error in base.__subclasses__() for found in (error, *_all_errors(error))]


def test_published_codes_never_change() -> None:
    assert {code.name: code.value for code in ExitCode} == _PUBLISHED


@pytest.mark.parametrize("error", _all_errors(), ids=lambda error: error.__name__)
def test_no_error_that_users_can_act_on_is_a_bug(error: type[CictlError]) -> None:
    assert error.exit_code not in {ExitCode.OK, ExitCode.BUG}
    assert error.exit_code in ExitCode


def test_each_code_of_a_failure_has_its_error() -> None:
    direct = {error.exit_code for error in vars(errors).values() if isinstance(error, type) and error in _all_errors()}
    assert {code for code in ExitCode if code not in direct} == {ExitCode.OK, ExitCode.BUG, ExitCode.CHANGES_PRESENT}


@pytest.mark.parametrize("code", ExitCode)
def test_each_code_is_in_the_reference(code: ExitCode) -> None:
    assert f"| {code.value} |" in exit_codes_page()
