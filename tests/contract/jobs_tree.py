"""A Job Builder tree of a few pipelines for the team's fake Jenkins, which tests change as Git would."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.contract.jobs_shop import Shop

_HEAD = "- job: {name: shop/ci/web, project-type: folder, description: The team's.}\n"
_JOB = """\
- job:
    name: {name}
    project-type: pipeline
    description: {description}
    sandbox: true
    dsl: |
      {script}
    parameters:
      - string: {{name: VERSION, default: '{version}'}}
    triggers:
      - timed: '{cron}'
"""
_VIEW = "- view: {name: shop/ours, view-type: list, description: Ours., job-name: [ci/web]}\n"
DEFAULTS = {"description": "Builds.", "script": "build()", "version": "1", "cron": "H 2 * * *"}
NAMES = ("shop/ci/api", "shop/ci/web/build", "shop/ci/web/test")


def write_tree(shop: Shop, changed: Mapping[str, Mapping[str, str]] | None = None, *, rest: str = "") -> Path:
    """Write the tree: a folder, three pipelines and a view, with what is CHANGED by job, and REST below."""
    changed = changed or {}
    names = dict.fromkeys((*NAMES, *changed))
    jobs = [_JOB.format(name=name, **{**DEFAULTS, **changed.get(name, {})}) for name in names]
    path = shop.folder / "tree" / "jobs.yaml"
    path.write_text("".join([_HEAD, *jobs, _VIEW, rest]))
    return path
