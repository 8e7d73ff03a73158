from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.demo import shop
from lab.demo.runner import Runner
from lab.demo.screen import Screen
from lab.layout import REPOSITORY

VARIABLES = {
    "CICTL_LAB_PROVIDER": "native",
    "CICTL_LAB_CONTEXT": "here",
    "CICTL_LAB_REGISTRY": "registry:5000",
    "CICTL_LAB_PROMETHEUS": "http://prometheus:9090",
}


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text())
    return content


def test_the_configuration_is_this_repository_s_for_the_lab_that_is_there(tmp_path: Path) -> None:
    shop.create(tmp_path / "shop", VARIABLES, shop.CALM)
    made, ours = read(tmp_path / "shop" / "cictl.yaml"), read(REPOSITORY / "cictl.yaml")
    assert made["registry"]["url"] == "registry:5000"
    assert made["prometheus"]["url"] == "http://prometheus:9090"
    assert {environment["context"] for environment in made["environments"].values()} == {"here"}
    assert made["gates"]["default"]["checks"] == ours["gates"]["default"]["checks"]


@pytest.mark.parametrize("pace", [shop.CALM, shop.FAST])
def test_only_the_pauses_are_others(tmp_path: Path, pace: shop.Pace) -> None:
    shop.create(tmp_path / "shop", VARIABLES, pace)
    steps = read(tmp_path / "shop" / "cictl.yaml")["strategies"]["careful"]["steps"]
    ours = read(REPOSITORY / "cictl.yaml")["strategies"]["careful"]["steps"]
    assert [step["pause"] for step in steps] == list(pace.pauses)
    assert [step["weight"] for step in steps] == [step["weight"] for step in ours]


def test_pipeline_and_library_are_there_to_be_run(tmp_path: Path) -> None:
    shop.create(tmp_path / "shop", VARIABLES, shop.CALM)
    assert (tmp_path / "shop" / shop.PIPELINE).read_text() == (REPOSITORY / shop.PIPELINE).read_text()
    assert (tmp_path / "shop" / "shared-lib" / "vars" / "servicePipeline.groovy").is_file()


def test_a_change_is_committed_and_the_next_takes_its_fault_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "shop"
    shop.create(folder, VARIABLES, shop.CALM)
    runner = Runner(Screen(), folder, VARIABLES)
    shop.begin(runner)
    shop.commit(folder, runner, shop.Change("2", "bad", "cheers", {"FAULT_ERROR_RATE": "0.05"}, gates_staging=True))
    assert read(folder / "cictl.yaml")["environments"]["staging"]["strategy"] == "careful"
    made = read(folder / "examples" / "checkout" / "service.yaml")
    assert made["image"]["args"] == {"BASE": "cictl-lab/python:3", "VERSION": "2", "FAULT_ERROR_RATE": "0.05"}
    assert "greeting: cheers\ncatalog_url" in str(made["chart"]["values"]["config"]["config.yaml"])
    shop.commit(folder, runner, shop.Change("3", "mended"))
    made = read(folder / "examples" / "checkout" / "service.yaml")
    assert made["image"]["args"] == {"BASE": "cictl-lab/python:3", "VERSION": "3"}
    assert "-    FAULT_ERROR_RATE: '0.05'" in capsys.readouterr().out
    assert runner.ask("git", "status", "--porcelain") == ""
