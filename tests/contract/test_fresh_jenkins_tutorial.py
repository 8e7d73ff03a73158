"""The commands of the tutorial that brings up a fresh Jenkins, in order, against the stand-in that it starts."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.docs_pages import DOCS, blocks
from tests.docs_shell import Shell

_PAGE = DOCS / "tutorial" / "fresh-jenkins.md"


def test_the_tutorial(tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    Shell(tmp_path / "shell", environment).read(_PAGE, blocks(_PAGE))
