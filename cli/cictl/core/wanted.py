"""What a user asks to be released: from a chart, onto a Deployment of others, or a release from before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cictl.core.gate import Gate
from cictl.core.strategy import Strategy
from cictl.core.workload import Json


@dataclass(frozen=True, slots=True)
class Wanted:
    """`image` is repository@digest. Exactly one of three says what the pods become.

    `deployment_object` (a rendered manifest, with `objects` and `configs`); `container` (of the Deployment that is
    there: only its image changes, None for the only one); `template` (a release from before, with `undo_of`).
    """

    service: str
    namespace: str
    deployment: str
    image: str
    strategy: Strategy
    gate: Gate | None = None
    environment: str | None = None
    commit: str | None = None
    prometheus: str | None = None
    deployment_object: Json | None = None
    objects: tuple[Json, ...] = ()
    configs: tuple[Json, ...] = ()
    config_originals: Mapping[str, str] = field(default_factory=dict)
    container: str | None = None
    template: Json | None = None
    undo_of: int | None = None
    warnings: tuple[str, ...] = ()
    direct_only: tuple[str, ...] = ()
    allow_gitops: bool = False
    promoted_from: str | None = None
    approved_by: str | None = None
    reason: str | None = None
