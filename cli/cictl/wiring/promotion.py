"""Builds promotions: both environments' memories, Git, the registry, and the release as its commit had it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cictl.core.image import parse_reference
from cictl.errors import NotFound, UsageProblem
from cictl.services.promotion import Asked, Promotion, Promotions
from cictl.wiring.cluster import Place
from cictl.wiring.commit_sources import files_of, history_of
from cictl.wiring.images import image_service
from cictl.wiring.rollouts import RolloutTools
from cictl.wiring.wanted import Asked as Release
from cictl.wiring.wanted import Sources, default_chart, from_chart

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cictl.config.platform import Environment
    from cictl.core.wanted import Wanted
    from cictl.services.release_store import StoredRelease
    from cictl.wiring.app import App


class Remembered:
    """What one environment remembers of a service."""

    def __init__(self, tools: RolloutTools) -> None:
        """Ask the cluster of TOOLS."""
        self._tools = tools

    def releases(self) -> Sequence[StoredRelease]:
        """Return every release that is kept, oldest first."""
        return self._tools.store.all(self._tools.place.service)

    def running(self) -> int | None:
        """Return the release whose pods run."""
        return self._tools.running()

    def now(self) -> float:
        """Return the API server's time."""
        return self._tools.api.now()


class PromotionTools:
    """What `cictl promote` works with."""

    def __init__(self, app: App, service: str, environment: str) -> None:
        """Prepare promotions of SERVICE into ENVIRONMENT, from the one that it comes after."""
        config = app.config()
        self._app, self._entry = app, config.service(service)
        target = config.environment(environment)
        if target.after is None:
            hint = f"name it in cictl.yaml: environments: {environment}: after; or use 'cictl rollout start'"
            raise UsageProblem(f"{environment} comes after no environment, so nothing is promoted into it", hint=hint)
        self._source = config.environment(target.after)
        self._rules = config.rules(environment)
        self.target = RolloutTools(app, place_in(service, target))
        self._history = history_of(app, self._entry)

    def judge(self, asked: Asked) -> Promotion:
        """Return what may be promoted; raise what stands against it."""
        source = Remembered(RolloutTools(self._app, place_in(self._entry.name, self._source)))
        promotions = Promotions(
            self._entry.name, source, Remembered(self.target), self._history, has_image=self._has_image
        )
        return promotions.judge(self._source.name, self._rules, asked)

    def _has_image(self, image: str) -> bool:
        return image_service(self._app).exists(parse_reference(image))

    def wanted(self, promotion: Promotion, approved_by: str | None) -> Wanted:
        """Return the release of PROMOTION for the target, with the configuration of its own commit."""
        release = promotion.release
        if release.commit is None:
            message = f"nobody knows the commit of {release.image}, and so its configuration"
            raise NotFound(message, hint="build it by cictl, whose images name their commit in a label")
        chart = default_chart(self._app.config())
        with files_of(self._history, self._entry, release.commit, chart) as (service, chart_then):
            wanted = from_chart(self.target, Release(release.image), release.image, Sources(service, chart_then))
        return replace(
            wanted,
            commit=release.commit,
            promoted_from=f"{promotion.source}/{release.revision}",
            approved_by=approved_by,
            warnings=(*wanted.warnings, *promotion.notes),
        )


def place_in(service: str, environment: Environment) -> Place:
    """Return where SERVICE is in ENVIRONMENT."""
    return Place(service, environment.namespace, environment.context, environment)
