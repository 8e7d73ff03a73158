"""A Job Builder tree of a few pipelines for the team's fake Jenkins, which tests change as Git would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.contract.jobs_shop import Shop
from tests.fake_jenkins.messages import Request
from tests.running import Run

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
BUILD, API = "shop/ci/web/build", "shop/ci/api"
LOCK = "shop/admin/cictl-lock"
NAMES = (API, BUILD, "shop/ci/web/test")
ALL = {"shop/ci/web": "created", **dict.fromkeys(NAMES, "created"), "shop/ours": "created"}


def write_tree(shop: Shop, changed: Mapping[str, Mapping[str, str]] | None = None, *, rest: str = "") -> Path:
    """Write the tree: a folder, three pipelines and a view, with what is CHANGED by job, and REST below."""
    changed = changed or {}
    names = dict.fromkeys((*NAMES, *changed))
    jobs = [_JOB.format(name=name, **{**DEFAULTS, **changed.get(name, {})}) for name in names]
    shop.tree.write_text("".join([_HEAD, *jobs, _VIEW, rest]))
    return shop.tree


@pytest.fixture(params=["2.516", "2.555"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """Have a shop whose tree nobody applied yet, in both ways in which Jenkins keeps jobs."""
    made = Shop(tmp_path / "shop", store=request.param)
    write_tree(made)
    yield made
    made.close()


@pytest.fixture
def applied(fresh: Shop, run: Run) -> Shop:
    """Have all of the tree in Jenkins."""
    assert fresh.results(run, "apply", "--yes") == (0, ALL)
    return fresh


def actions(shop: Shop, run: Run) -> dict[str, str]:
    """Return what a plan would do, by job."""
    _, document = shop.told(run, "plan")
    return {each["name"]: each["action"] for each in document["jobs"] if each["action"] not in {"unchanged", "foreign"}}


def edit(shop: Shop, name: str, before: str, after: str) -> None:
    """Change a job as a person does in Jenkins, who presses Save."""
    xml = shop.fake.item(name).xml
    assert before in xml
    shop.fake.put(name, xml.replace(before, after))
    shop.fake.save(name)


def is_asked(method: str, ending: str) -> Callable[[Request], bool]:
    return lambda request: request.method == method and request.path.endswith(ending) and "admin" not in request.path
