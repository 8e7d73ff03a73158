"""What every topic is measured with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import argo
from bench.machine import Machine
from bench.place import VERSIONS, Place
from lab.layout import Layout


@dataclass
class Run:
    """One start of the benchmarks: where, on what, and how often each is measured."""

    place: Place
    layout: Layout
    machine: Machine
    repeats: int
    _images: dict[str, str] | None = None

    def images(self) -> dict[str, str]:
        """Return every version's image by digest, built once."""
        if self._images is None:
            self._images = {version: self.place.image(version) for version in VERSIONS}
        return self._images

    def controller_program(self) -> Path:
        """Return the controller of Argo Rollouts."""
        return argo.ensure_controller(self.layout)

    @contextmanager
    def argo_rollouts(self) -> Iterator[int]:
        """Have Argo Rollouts in the cluster; yield its controller's process."""
        program = self.controller_program()
        with argo.custom_resources(self.place, self.layout), argo.controller(self.place, program) as pid:
            yield pid
