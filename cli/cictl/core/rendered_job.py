"""A job or view as Job Builder renders it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RenderedJob:
    """One config.xml. FULL_NAME is as in `shop/ci/checkout`; SOURCE is where it is defined, as in `jobs/ci.yaml:12`."""

    full_name: str
    xml: str
    is_view: bool
    source: str | None
