"""The lab, once for all end-to-end tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest


@pytest.fixture(scope="session")
def lab() -> dict[str, str]:
    """Start the lab where it is not up, and return what it exports."""
    _lab("up")
    exports = dict(re.findall(r"^export (\w+)=(.*)$", _lab("env"), re.MULTILINE))
    os.environ["PATH"] = exports["PATH"]  # kubectl, docker and helm are started by name
    return exports


def _lab(part: str) -> str:
    result = subprocess.run([sys.executable, "-m", "lab", part], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout
