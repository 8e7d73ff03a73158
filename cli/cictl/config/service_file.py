"""service.yaml: what a service's own repository says about building, testing and running it."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import ConfigDict, Field, JsonValue, PrivateAttr, model_validator

from cictl.config.fields import ObjectName, Strict
from cictl.config.problems import KeyPath, Problem
from cictl.config.source import Source, read_source
from cictl.config.validate import validate

FILE_NAME = "service.yaml"
Values = dict[str, JsonValue]


class ImageEntry(Strict):
    """How the image is built; paths begin at service.yaml's folder."""

    dockerfile: str = Field(default="Dockerfile", description="The Dockerfile.")
    context: str = Field(default=".", description="The build context.")
    target: str | None = Field(default=None, description="The stage that is shipped; by default the last.")
    args: dict[str, str] = Field(default={}, description="Build arguments.")


class TestEntry(Strict):
    """How the service is tested, inside its image."""

    __test__ = False  # pytest collects what is called Test…

    target: str | None = Field(default=None, description="A stage whose command runs the tests.")
    command: tuple[str, ...] | None = Field(default=None, description="A command that runs them in the shipped image.")
    junit: str | None = Field(default=None, description="Where, in the container, the tests leave JUnit XML.")

    @model_validator(mode="after")
    def _names_target_or_command(self) -> Self:
        if self.target is None and self.command is None:
            message = "needs `target` or `command`"
            raise ValueError(message)
        return self


class ChartEntry(Strict):
    """The chart that makes the service's objects."""

    path: str | None = Field(default=None, description="A chart of its own; by default the platform's.")
    values: Values = Field(default={}, description="Values for every environment.")


class ServiceEnvironment(Strict):
    """What differs in one environment."""

    values: Values = Field(default={}, description="Values laid over the chart's.")


class ServiceFile(Strict):
    """One service, as its own repository describes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ObjectName = Field(description="The service's name, as in the platform's catalogue.")
    image: ImageEntry = Field(default=ImageEntry(), description="How the image is built.")
    test: TestEntry | None = Field(default=None, description="How the image is tested.")
    chart: ChartEntry | None = Field(default=None, description="The chart; this or `manifests`.")
    manifests: str | None = Field(default=None, description="A folder of plain manifests; this or `chart`.")
    environments: dict[ObjectName, ServiceEnvironment] = Field(default={}, description="What differs where.")

    _folder: Path = PrivateAttr(default=Path())
    _source: Source | None = PrivateAttr(default=None)

    @property
    def folder(self) -> Path:
        """Where service.yaml stands, absolute; its paths begin there."""
        return self._folder

    def problem(self, path: KeyPath, message: str) -> Problem:
        """Return MESSAGE as a finding at PATH, with its line."""
        source = self._source or Source(FILE_NAME, {})
        return source.problem(path, message)

    @property
    def dockerfile(self) -> Path:
        """The Dockerfile, absolute."""
        return self._folder / self.image.dockerfile

    @property
    def build_context(self) -> Path:
        """The build context, absolute."""
        return self._folder / self.image.context

    @property
    def chart_path(self) -> Path | None:
        """The service's own chart, absolute; None for the platform's."""
        return self._folder / self.chart.path if self.chart and self.chart.path else None

    @property
    def manifests_path(self) -> Path | None:
        """The folder of manifests, absolute; None where a chart renders."""
        return self._folder / self.manifests if self.manifests else None

    @model_validator(mode="after")
    def _has_one_way_to_render(self) -> Self:
        if self.chart is not None and self.manifests is not None:
            message = "`chart` and `manifests` exclude each other"
            raise ValueError(message)
        with_values = [name for name, entry in self.environments.items() if entry.values]
        if self.manifests is not None and with_values:
            message = f"plain manifests take no values, but environments.{with_values[0]} has some"
            raise ValueError(message)
        return self

    def values_for(self, environment: str) -> Values:
        """Return the chart's values with those of ENVIRONMENT laid over them; lists are replaced, not joined."""
        own = self.environments.get(environment)
        return merged(self.chart.values if self.chart else {}, own.values if own else {})


def merged(base: Values, over: Values) -> Values:
    """Return BASE with OVER laid over it, mapping by mapping, as Helm does."""
    result = dict(base)
    for key, value in over.items():
        below = result.get(key)
        result[key] = merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result


def load_service_file(path: Path, *, name: str | None = None) -> ServiceFile:
    """Read and check PATH, a service.yaml or the folder that holds it; NAME is what messages call the file."""
    file = path / FILE_NAME if path.is_dir() else path
    source = read_source(file, name=name)
    service = validate(ServiceFile, source)
    service._folder = file.absolute().parent  # noqa: SLF001 - set once, here, where the file is known
    service._source = source  # noqa: SLF001 - as above
    return service
