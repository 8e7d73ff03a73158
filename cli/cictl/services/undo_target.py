"""Which release an undo goes back to, where none is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cictl.core.rollout_state import Phase
from cictl.core.workload import Deployment, template_key
from cictl.errors import NotFound
from cictl.services.release_store import StoredRelease


def last_good(releases: Sequence[StoredRelease], deployment: Deployment | None, service: str) -> StoredRelease:
    """Return the release before the one that runs; an undo counts as what it brought back, so undos walk on."""
    running = None if deployment is None else deployment.template_key
    succeeded = {each.revision: each for each in releases if each.outcome is Phase.SUCCEEDED}
    current = max((each for each in succeeded.values() if _key(each) == running), key=_revision, default=None)
    before = releases[-1].revision + 1 if current is None else _origin(current, succeeded)
    good = [each for each in succeeded.values() if each.revision < before and _key(each) != running]
    if not good:
        message = f"{service} has no earlier release that succeeded"
        if current is not None and before != current.revision:
            message = f"{service} runs what release {before} brought, and none before that succeeded and is kept"
        raise NotFound(message, hint="'cictl rollout history' lists what is kept; name one with --to-revision")
    return max(good, key=_revision)


def _key(stored: StoredRelease) -> str:
    return template_key(stored.record.template)


def _revision(stored: StoredRelease) -> int:
    return stored.revision


def _origin(stored: StoredRelease, releases: Mapping[int, StoredRelease]) -> int:
    """Return the release that STORED brought back, through undos of undos; itself where it is no undo."""
    before = stored.record.undo_of
    if before is None or before >= stored.revision:
        return stored.revision
    return _origin(releases[before], releases) if before in releases else before
