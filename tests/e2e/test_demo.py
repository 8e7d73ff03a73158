"""The demo from beginning to end, as `make demo` plays it, in a hurry."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from lab.layout import REPOSITORY

_LONGEST_SECONDS = 900.0  # on a machine that is busy or slow; else it takes an eighth


@pytest.fixture(scope="module")
def shown(lab: dict[str, str]) -> str:
    """Return all that the demo printed."""
    done = subprocess.run(
        [sys.executable, "-m", "lab", "demo"],
        cwd=REPOSITORY,
        env={**os.environ, **lab, "CICTL_DEMO_FAST": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=_LONGEST_SECONDS,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_every_claim_holds(shown: str) -> None:
    claims = [line for line in shown.splitlines() if line.startswith(("ok ", "NOT "))]
    assert len(claims) == 11
    assert all(claim.startswith("ok ") for claim in claims), claims


def test_the_pusher_of_the_bad_one_is_told_why(shown: str) -> None:
    told = r"^    remote: .*run 3: failure: .*rolled back: error-rate: \d+ of \d+ .*: evidence"
    assert re.search(told, shown, re.MULTILINE)
    assert re.search(r"^    3 +main .* failure ", shown, re.MULTILINE)


def test_the_good_one_is_promoted_and_taken_back(shown: str) -> None:
    promoted, _, undone = shown.partition("$ cictl rollout undo checkout --env production")
    assert "checkout release 2 succeeded" in promoted.partition("$ cictl promote checkout --to production --plan")[2]
    assert "checkout release 3 succeeded" in undone


def test_what_was_killed_is_ended_by_another(shown: str) -> None:
    killed, _, resumed = shown.partition("processes were killed: worker, pipeline, rollout")
    assert "release 4" not in killed
    assert re.search(r"^    checkout .* 4 +stepping ", resumed, re.MULTILINE)
    assert re.search(r"^    4 +main .* broken-off ", resumed, re.MULTILINE)
    assert re.search(r"attempt 2.*going on with it.*run 4: success", resumed, re.DOTALL)


def test_only_the_bad_version_has_errors(shown: str) -> None:
    table = (
        shown.partition("what the clients of staging saw")[2]
        .partition("VERSION  GREETING")[2]
        .partition("\n\n")[0]
        .splitlines()[1:]
    )
    errors = {row.split()[0]: int(row.split()[3]) for row in table}
    assert errors.pop("3") > 0
    assert errors == {"1": 0, "2": 0, "4": 0}
