from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from lab.demo import shop
from lab.demo.runner import DemoError
from tests.unit.lab_demo.test_shop import VARIABLES

demo = import_module("lab.demo.play")  # the package's `play` is the function


def test_one_showing_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[str] = []

    def show(_: object) -> None:
        with pytest.raises(DemoError) as caught:
            demo.play(tmp_path, VARIABLES, shop.FAST)
        refused.append(str(caught.value))

    monkeypatch.setattr(demo.Play, "play", show)
    demo.play(tmp_path, VARIABLES, shop.FAST)
    demo.play(tmp_path, VARIABLES, shop.FAST)
    assert refused == ["another demo is under way on this lab, and would be overwritten"] * 2
