"""Bounds what a job file's aliases stand for: a few lines can stand for more than memory holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jenkins_jobs.errors import JenkinsJobsException
from jenkins_jobs.loader import Loader

from cictl.config.aliases import unfolding_node

Library = Any

MOST_NODES = 400_000  # which take about two seconds; a file of thousands of lines may stand for more
TOO_MANY = "its aliases stand for too many values"


@contextmanager
def bounded_aliases() -> Iterator[None]:
    """Have the library's loader refuse a file that unfolds to too much, until the block ends."""
    original = Loader.get_single_node

    def get_single_node(itself: Library) -> Library:
        root = original(itself)
        large = unfolding_node(root, at_most=MOST_NODES)
        if large is not None:
            raise JenkinsJobsException(f"{TOO_MANY}, over {MOST_NODES:,}", pos=itself.pos_from_node(large))
        return root

    Loader.get_single_node = get_single_node
    try:
        yield
    finally:
        Loader.get_single_node = original
