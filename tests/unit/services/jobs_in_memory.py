"""Jobs of a Jenkins in memory, for services that write some: names are taken once, answers get lost when told."""

from __future__ import annotations

from collections.abc import Callable

from cictl.errors import AnswerLost, Conflict


class JobsInMemory:
    """Full names and config.xml; `asked` is what was asked, `before` runs before each request."""

    def __init__(self, jobs: dict[str, str] | None = None) -> None:
        self.jobs = dict(jobs or {})
        self.views: dict[str, str] = {}
        self.asked: list[str] = []
        self.lost: set[str] = set()
        self.before: Callable[[str], None] = lambda _: None

    def inside(self, folder: str) -> tuple[str, ...]:
        return tuple(name for name in self.jobs if name.rpartition("/")[0] == folder)

    def config_xml(self, full_name: str) -> str | None:
        self._ask(f"read {full_name}")
        return self.jobs.get(full_name)

    def view_xml(self, full_name: str) -> str | None:
        return self.views.get(full_name)

    def create(self, full_name: str, xml: str) -> None:
        self._ask(f"create {full_name}")
        if full_name in self.jobs:
            raise Conflict(f"{full_name} already exists")
        self.jobs[full_name] = xml
        self._lose(f"create {full_name}")

    def update(self, full_name: str, xml: str) -> None:
        self._ask(f"update {full_name}")
        self.jobs[full_name] = xml
        self._lose(f"update {full_name}")

    def describe(self, full_name: str, description: str) -> None:
        del description
        self._ask(f"describe {full_name}")

    def delete(self, full_name: str) -> bool:
        self._ask(f"delete {full_name}")
        return self.jobs.pop(full_name, None) is not None

    def create_view(self, full_name: str, xml: str) -> None:
        self.views[full_name] = xml

    def update_view(self, full_name: str, xml: str) -> None:
        self.views[full_name] = xml

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        self.before(what)

    def _lose(self, what: str) -> None:
        if what in self.lost:
            self.lost.discard(what)
            raise AnswerLost(f"{what}: the answer was lost")
