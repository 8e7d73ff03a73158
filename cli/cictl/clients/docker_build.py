"""Builds by the engine's own builder, through its API: for where BuildKit cannot be had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import requests
from docker.errors import APIError

from cictl.clients.docker_engine import DockerEngine, Progress, translated
from cictl.core.build_log import BuildFailure, classic_failure, is_noise, without_colour
from cictl.core.image_source import BuildPlan
from cictl.errors import ConfigInvalid, FarSideFailed


class EngineBuilder:
    """The builder that every engine has."""

    name = "engine"

    def __init__(self, engine: DockerEngine) -> None:
        """ENGINE builds."""
        self._engine = engine

    def is_available(self) -> bool:
        """Whether it can be used: always, or the build itself says why not."""
        return True

    def build(self, plan: BuildPlan, progress: Progress) -> str:
        """Build PLAN and return the image's ID."""
        lines: list[str] = []
        image = None
        with translated(self._engine.host):
            for event in self._events(plan):
                for line in _lines(event):
                    lines.append(line)
                    if not is_noise(line):
                        progress(line)
                if "error" in event:
                    raise FarSideFailed(classic_failure(lines, str(event["error"]).strip()).message)
                image = (event.get("aux") or {}).get("ID", image)
        if image is None:
            raise FarSideFailed("the engine ended the build without an image")
        return str(image)

    def _events(self, plan: BuildPlan) -> Iterator[dict[str, Any]]:
        try:
            yield from self._engine.client.api.build(
                path=plan.context,
                dockerfile=plan.dockerfile,
                tag=plan.reference,
                target=plan.target or "",
                buildargs=dict(plan.args),
                labels=dict(plan.labels),
                rm=True,
                forcerm=True,
                decode=True,
            )
        except APIError as error:
            if error.status_code != requests.codes.bad_request:
                raise
            raise FarSideFailed(BuildFailure(str(error.explanation)).message) from error
        except (OSError, TypeError) as error:
            if isinstance(error, requests.RequestException):
                raise
            raise ConfigInvalid(f"the build context {plan.context} cannot be read: {error}") from error


def _lines(event: Mapping[str, Any]) -> Iterator[str]:
    """Return what one EVENT of the engine's builder prints."""
    yield from (line for part in str(event.get("stream", "")).split("\n") if (line := without_colour(part)))
