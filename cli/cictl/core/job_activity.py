"""Whether something of a job runs or waits, as Jenkins' API tells; a multibranch project is asked with its branches."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Activity:
    """What goes on in a job: BUSY says each build that runs or waits, as in "#12 runs"; BRANCHES are computed jobs."""

    busy: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
