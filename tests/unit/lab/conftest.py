"""A lab that lies in a temporary directory and never runs."""

from pathlib import Path

import pytest

from lab.layout import Layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(cache=tmp_path / "cache", run=tmp_path / "run")
