"""The variables that ``env`` prints."""

import shlex

from lab import environment
from lab.layout import Layout


def test_native(layout: Layout) -> None:
    variables = environment.native(layout, "/usr/local/bin:/usr/bin")
    assert variables["CICTL_LAB_CONTEXT"] == "lab"
    assert variables["CICTL_LAB_REGISTRY"] == "198.18.255.2:5000"
    assert variables["CICTL_LAB_PROMETHEUS"] == "http://198.18.255.2:9090"
    assert variables["DOCKER_HOST"] == f"unix://{layout.run}/docker.sock"
    assert variables["PATH"] == f"{layout.bin}:/usr/local/bin:/usr/bin"


def test_evaluating_twice_does_not_grow_path(layout: Layout) -> None:
    once = environment.native(layout, "/usr/bin")["PATH"]
    assert environment.native(layout, once)["PATH"] == once


def test_exports_survive_the_shell() -> None:
    (line,) = environment.as_exports({"A": "it's $HOME"}).splitlines()
    assert shlex.split(line) == ["export", "A=it's $HOME"]
