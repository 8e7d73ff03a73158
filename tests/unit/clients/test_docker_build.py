from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from docker.errors import APIError

from cictl.clients.docker_build import EngineBuilder
from cictl.clients.docker_engine import DockerEngine
from cictl.core.image_source import BuildPlan
from cictl.errors import CictlError, ConfigInvalid, FarSideFailed, Unreachable

IMAGE = f"sha256:{'a' * 64}"
PLAN = BuildPlan("/src", "/src/Dockerfile", "r.example/a:1", "runtime", {"BASE": "b"}, {"label": "1"})


class Nobody:
    """A source of credentials that knows none."""

    def find(self, registry: str) -> None:
        assert registry


class Api:
    """What of the engine's API a build uses."""

    def __init__(self, *events: Mapping[str, Any] | Exception) -> None:
        self.events = events
        self.asked: dict[str, Any] = {}

    def build(self, **options: object) -> Iterator[Mapping[str, Any]]:
        self.asked = options
        for event in self.events:
            if isinstance(event, Exception):
                raise event
            yield event


def builder(api: Api) -> EngineBuilder:
    engine = DockerEngine({"DOCKER_HOST": "unix:///nowhere.sock"}, Nobody())
    engine.__dict__["client"] = SimpleNamespace(api=api)  # what the cached property would hold
    return EngineBuilder(engine)


def bad_request(said: str) -> APIError:
    response = requests.Response()
    response.status_code = 400
    return APIError("400", response=response, explanation=said)


def test_build_streams_and_returns_the_last_image() -> None:
    api = Api(
        {"stream": "Step 1/1 : FROM b\n"},
        {"stream": " ---> 0123456789ab\n"},
        {"aux": {"ID": "sha256:earlier"}},
        {"aux": {"ID": IMAGE}},
        {"stream": "Successfully built"},
    )
    lines: list[str] = []
    assert builder(api).build(PLAN, lines.append) == IMAGE
    assert lines == ["Step 1/1 : FROM b", "Successfully built"]
    assert api.asked["path"] == "/src"
    assert (api.asked["tag"], api.asked["target"]) == ("r.example/a:1", "runtime")
    assert (api.asked["buildargs"], api.asked["labels"]) == ({"BASE": "b"}, {"label": "1"})


def test_it_is_always_there() -> None:
    assert builder(Api()).is_available()


@pytest.mark.parametrize(
    ("events", "kind", "said"),
    [
        pytest.param(
            ({"stream": "Step 1/1 : RUN x\n"}, {"stream": "oh\n"}, {"error": "code: 3"}),
            FarSideFailed,
            "the build failed at Step 1/1 : RUN x: code: 3\n  oh",
            id="step",
        ),
        pytest.param(
            (bad_request("target nope not found"),), FarSideFailed, "the build failed: target nope", id="refused"
        ),
        pytest.param((APIError("500", explanation="no space"),), FarSideFailed, "no space", id="engine"),
        pytest.param((requests.ConnectionError("gone"),), Unreachable, "unix:///nowhere.sock", id="engine-gone"),
        pytest.param(
            (PermissionError(13, "no", "/src/x"),), ConfigInvalid, "context /src cannot be read", id="context"
        ),
        pytest.param((), FarSideFailed, "without an image", id="no-image"),
    ],
)
def test_problems(events: tuple[Mapping[str, Any] | Exception, ...], kind: type[CictlError], said: str) -> None:
    with pytest.raises(kind) as caught:
        builder(Api(*events)).build(PLAN, lambda _line: None)
    assert said in caught.value.message


def test_a_context_that_is_not_there(tmp_path: Path) -> None:
    api = Api(TypeError("You must specify a directory to build in path"))
    with pytest.raises(ConfigInvalid):
        builder(api).build(BuildPlan(str(tmp_path / "gone"), "Dockerfile", "a:1"), lambda _line: None)


def test_each_line_is_told_without_colour() -> None:
    told: list[str] = []
    builder(Api({"stream": "\x1b[91ma\nb\n\x1b[0m"}, {"aux": {"ID": IMAGE}})).build(PLAN, told.append)
    assert told == ["a", "b"]
