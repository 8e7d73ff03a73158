"""The demo's clone with both services, chart, pipeline and library; beside it the repository it is pushed to."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lab import images
from lab.demo.runner import Runner
from lab.layout import REPOSITORY

SERVICES = ("catalog", "checkout")
PIPELINE = "pipelines/service.Jenkinsfile"
SERVER = "../shop.git"  # as seen from the clone
NAMESPACES = ("staging", "production")
_IGNORED = shutil.ignore_patterns("__pycache__", ".*cache", "*.egg-info", "build")
_AUTHOR = ("-c", "user.name=demo", "-c", "user.email=demo@localhost", "-c", "commit.gpgsign=false")


@dataclass(frozen=True)
class Pace:
    """How fast the demo goes: requests per second, and what differs from cictl.yaml where it is in a hurry."""

    rate: float = 60.0
    pauses: tuple[str, ...] = ()
    watch: str = ""
    min_requests: int = 0


CALM = Pace(pauses=("7s", "5s"), watch="2s", min_requests=120)
FAST = Pace(pauses=("6s", "4s"), watch="3s", min_requests=120)


@dataclass(frozen=True)
class Change:
    """What a developer commits: build arguments, and the greeting that the service answers with."""

    version: str
    message: str
    greeting: str = ""
    faults: Mapping[str, str] | None = None
    gates_staging: bool = False


def create(folder: Path, variables: Mapping[str, str], pace: Pace) -> None:
    """Make FOLDER anew from this repository's examples, chart, pipeline, library and cictl.yaml."""
    for place in (folder, folder.parent / Path(SERVER).name):
        shutil.rmtree(place, ignore_errors=True)
    for name in ("examples", "charts", "shared-lib"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=_IGNORED)
    shutil.rmtree(folder / "shared-lib" / "test")
    (folder / PIPELINE).parent.mkdir()
    shutil.copyfile(REPOSITORY / PIPELINE, folder / PIPELINE)
    (folder / ".gitignore").write_text("build/\n")
    _write(folder / "cictl.yaml", configured(_read(REPOSITORY / "cictl.yaml"), variables, pace))
    for service in SERVICES:
        path = _service_file(folder, service)
        content = _read(path)
        if variables["CICTL_LAB_PROVIDER"] == "native":
            content["image"]["args"]["BASE"] = images.PYTHON
        content["image"]["args"]["VERSION"] = "1"
        _write(path, content)


def configured(content: dict[str, Any], variables: Mapping[str, str], pace: Pace) -> dict[str, Any]:
    """Return cictl.yaml for the lab that VARIABLES name, at PACE."""
    content["registry"]["url"] = variables["CICTL_LAB_REGISTRY"]
    content["prometheus"]["url"] = variables["CICTL_LAB_PROMETHEUS"]
    for environment in content["environments"].values():
        environment["context"] = variables["CICTL_LAB_CONTEXT"]
    careful = content["strategies"]["careful"]
    for step, pause in zip(careful["steps"], pace.pauses, strict=False):
        step["pause"] = pause
    if pace.watch:
        careful["watch"] = pace.watch
    if pace.min_requests:
        content["gates"]["default"]["min_requests"] = pace.min_requests
    return content


def begin(runner: Runner) -> None:
    """Make the folder a clone, with one commit, of a bare repository beside it that is empty yet."""
    runner.ask("git", "init", "--quiet", "--bare", "--initial-branch=main", SERVER)
    runner.ask("git", "init", "--quiet", "--initial-branch=main")
    runner.ask("git", "remote", "add", "origin", SERVER)
    runner.ask("git", "add", "--all")
    runner.ask("git", *_AUTHOR, "commit", "--quiet", "--message", "checkout 1, catalog 1")


def commit(folder: Path, runner: Runner, change: Change) -> None:
    """Commit CHANGE of checkout, and show it."""
    path = _service_file(folder, "checkout")
    content = _read(path)
    faults = [name for name in content["image"]["args"] if name.startswith("FAULT_")]
    for name in faults:
        del content["image"]["args"][name]
    content["image"]["args"] |= {"VERSION": change.version, **(change.faults or {})}
    if change.greeting:
        config = content["chart"]["values"]["config"]  # staging's; production has one of its own
        lines = config["config.yaml"].splitlines()
        kept = [line for line in lines if not line.startswith("greeting:")]
        config["config.yaml"] = "\n".join([f"greeting: {change.greeting}", *kept]) + "\n"
    _write(path, content)
    if change.gates_staging:
        platform = folder / "cictl.yaml"
        content = _read(platform)
        content["environments"]["staging"]["strategy"] = "careful"
        _write(platform, content)
    runner.ask("git", *_AUTHOR, "commit", "--all", "--quiet", "--message", change.message)
    runner.screen.command(("git", "log", "-1", "--patch", "--unified=0", "--format=%h %s"))
    for line in runner.ask("git", "log", "-1", "--patch", "--unified=0", "--format=%h %s").splitlines():
        if line and not line.startswith(("diff ", "index ", "--- ", "+++ ", "@@ ")):
            runner.screen.output(line)


def _service_file(folder: Path, service: str) -> Path:
    return folder / "examples" / service / "service.yaml"


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text())
    return content


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as people do."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(yaml.dump(content, Dumper=_Dumper, sort_keys=False, width=120))
