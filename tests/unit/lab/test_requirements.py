"""What a machine must have."""

from dataclasses import replace
from typing import Any

import pytest

from lab import requirements
from lab.errors import ExitCode, RequirementError
from lab.requirements import Facts

GOOD = Facts(
    system="Linux",
    architecture="x86_64",
    user=0,
    capabilities=(1 << 40) - 1,
    tools=frozenset(requirements.TOOLS),
    has_cgroups=True,
    has_pip=True,
)


def test_a_debian_machine_with_root_lacks_nothing() -> None:
    assert requirements.missing(GOOD) == []
    requirements.check(GOOD)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"system": "Darwin"}, "Linux is required, this is Darwin", id="not-linux"),
        pytest.param({"architecture": "riscv64"}, "this is riscv64", id="architecture"),
        pytest.param({"user": 1000}, "root is required", id="not-root"),
        pytest.param({"capabilities": ~(1 << 12) & ((1 << 40) - 1)}, "CAP_NET_ADMIN is missing", id="no-net-admin"),
        pytest.param({"tools": frozenset({"unshare", "nsenter", "mount"})}, "apt-get is missing", id="not-debian"),
        pytest.param({"tools": frozenset({"apt-get", "nsenter", "mount"})}, "unshare is missing", id="no-unshare"),
        pytest.param({"has_cgroups": False}, "control groups", id="no-cgroups"),
        pytest.param({"has_pip": False}, "lacks pip", id="no-pip"),
    ],
)
def test_what_is_missing_is_named_with_another_way(change: dict[str, Any], said: str) -> None:
    with pytest.raises(RequirementError, match=said) as caught:
        requirements.check(replace(GOOD, **change))
    assert "--provider existing --context" in caught.value.hint
    assert caught.value.exit_code is ExitCode.REQUIREMENT_MISSING


def test_everything_missing_is_said_at_once() -> None:
    lacks = requirements.missing(Facts("Linux", "riscv64", 1000, 0, frozenset(), has_cgroups=False, has_pip=False))
    assert len(lacks) == 6


def test_this_machine_can_be_looked_at() -> None:
    assert requirements.gather().system
