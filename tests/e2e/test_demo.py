"""The demo from beginning to end, as `make demo` plays it, in a hurry."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from lab.layout import REPOSITORY

_LONGEST_SECONDS = 480.0  # on a machine that does something else beside it; alone it takes a fifth


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
    assert len(claims) == 6
    assert all(claim.startswith("ok ") for claim in claims), claims


def test_the_bad_release_is_taken_back_by_its_gate(shown: str) -> None:
    assert re.search(r"checkout release 3 rolled-back: error-rate: \d+ of \d+ .*: evidence", shown)
    assert re.search(r"^    3 +rolled-back ", shown, re.MULTILINE)


def test_the_killed_driver_left_a_rollout_that_another_ended(shown: str) -> None:
    killed, _, resumed = shown.partition("the driver was killed and ended with -9")
    assert "checkout release 4 succeeded" not in killed
    assert re.search(r"^    checkout .* 4 +stepping ", resumed, re.MULTILINE)
    assert "checkout release 4 succeeded" in resumed


def test_only_the_bad_version_has_errors(shown: str) -> None:
    table = shown.partition("VERSION  GREETING")[2].partition("\n\n")[0].splitlines()[1:]
    errors = {row.split()[0]: int(row.split()[3]) for row in table}
    assert errors.pop("3") > 0
    assert errors == {"1": 0, "2": 0, "4": 0}
