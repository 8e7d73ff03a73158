"""Reads what Jenkins has of jobs and views, several at a time."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from cictl.core.job_plan import ItemKey

AT_ONCE = 8


class Documents(Protocol):
    """The documents of one Jenkins."""

    def config_xml(self, full_name: str) -> str | None:
        """Return a job's config.xml; None if it is not there."""

    def view_xml(self, full_name: str) -> str | None:
        """Return a view's."""


def document_of(items: Documents, key: ItemKey) -> str | None:
    """Return what ITEMS have of KEY, None if nothing is there."""
    return items.view_xml(key.full_name) if key.is_view else items.config_xml(key.full_name)


def documents_of(items: Documents, keys: Iterable[ItemKey]) -> dict[ItemKey, str]:
    """Return what ITEMS have of those of KEYS that are there."""
    every = tuple(keys)
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        texts = pool.map(lambda key: document_of(items, key), every)
        return {key: text for key, text in zip(every, texts, strict=True) if text is not None}
