"""Plans that were saved, and are applied as they were shown or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cictl.errors import ExitCode
from tests.contract.jobs_shop import OWNER, Shop
from tests.contract.jobs_tree import ALL, API, BUILD, NAMES, actions, edit, write_tree
from tests.running import Run


def _saved(shop: Shop, run: Run) -> str:
    path = str(shop.folder / "plan.json")
    assert shop.run(run, "plan", "--out", path).status == 0
    return path


def _apply_saved(shop: Shop, run: Run, path: str) -> tuple[int, dict[str, str]]:
    outcome = run("jobs", "apply", path, "--yes", "-o", "json", app=shop.app())
    return outcome.status, {each["name"]: each["result"] for each in json.loads(outcome.stdout)["jobs"]}


def test_a_saved_plan_is_applied_as_it_was_shown(fresh: Shop, run: Run) -> None:
    path = _saved(fresh, run)
    assert _apply_saved(fresh, run, path) == (0, ALL)
    assert _apply_saved(fresh, run, path) == (0, dict.fromkeys(ALL, "unchanged"))


def test_a_saved_plan_whose_edit_in_jenkins_stays_is_done_once(applied: Shop, run: Run) -> None:
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}})
    edit(applied, BUILD, "<defaultValue>1</defaultValue>", "<defaultValue>7</defaultValue>")
    path = _saved(applied, run)
    assert _apply_saved(applied, run, path) == (0, {BUILD: "updated"})
    assert _apply_saved(applied, run, path) == (0, {BUILD: "unchanged"})
    edit(applied, BUILD, "<defaultValue>7</defaultValue>", "<defaultValue>8</defaultValue>")
    assert _apply_saved(applied, run, path) == (ExitCode.CONFLICT, {BUILD: "conflict"})


def test_a_plan_that_cannot_be_saved_or_read_is_said_to_be_so(fresh: Shop, run: Run) -> None:
    saved = fresh.run(run, "plan", "--out", str(fresh.folder / "missing" / "plan.json"))
    assert (saved.status, "cannot be written" in saved.stderr) == (ExitCode.NOT_ALLOWED, True)
    read = run("jobs", "apply", str(fresh.folder), "--yes", app=fresh.app())
    assert (read.status, "cannot be read" in read.stderr) == (ExitCode.NOT_ALLOWED, True)


@pytest.mark.parametrize("option", ["-r", "-x", "--ini", "--plugins-info", "--job", "--overwrite"])
def test_what_a_saved_plan_says_itself_is_not_said_again(fresh: Shop, run: Run, option: str) -> None:
    path = _saved(fresh, run)
    outcome = run("jobs", "apply", path, "--yes", option, path, app=fresh.app())
    assert (outcome.status, fresh.fake.controller.item(API)) == (ExitCode.USAGE, None)


def test_a_saved_plan_is_applied_for_its_own_owner_alone(fresh: Shop, run: Run) -> None:
    path = _saved(fresh, run)
    outcome = run("jobs", "apply", path, "--yes", "--owner", "another", app=fresh.app())
    assert (outcome.status, fresh.jobs()) == (ExitCode.USAGE, set())
    assert "the plan is of the jobs of 'shop: tree', not of those of 'another'" in outcome.stderr
    assert run("jobs", "apply", path, "--yes", "--owner", OWNER, app=fresh.app()).status == 0


def test_what_moved_since_the_plan_is_named_and_left(applied: Shop, run: Run) -> None:
    write_tree(applied, {name: {"cron": "H 4 * * *"} for name in NAMES})
    path = _saved(applied, run)
    assert "<script>" not in Path(path).read_text()
    edit(applied, BUILD, "<defaultValue>1</defaultValue>", "<defaultValue>7</defaultValue>")
    write_tree(applied, {**{name: {"cron": "H 4 * * *"} for name in NAMES}, API: {"cron": "H 5 * * *"}})
    assert _apply_saved(applied, run, path) == (
        ExitCode.CONFLICT,
        {BUILD: "conflict", API: "conflict", "shop/ci/web/test": "updated"},
    )


def test_a_saved_plan_says_what_git_wins_in_and_apply_does_it(applied: Shop, run: Run) -> None:
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}})
    edit(applied, BUILD, "H 2 * * *", "H 9 * * *")
    edit(applied, API, "H 2 * * *", "H 9 * * *")
    path = str(applied.folder / "plan.json")
    shown = applied.run(run, "plan", "--overwrite", BUILD, "--out", path).stdout
    assert '"H 9 * * *" → "H 4 * * *"  (conflict; Git wins)' in shown
    assert '"H 2 * * *" → "H 9 * * *"  (in Jenkins; stays)' in shown
    assert _apply_saved(applied, run, path) == (0, {BUILD: "updated", API: "left"})
    shown = applied.run(run, "plan", "--overwrite", "all", "--out", path).stdout
    assert '"H 9 * * *" → "H 2 * * *"  (edited in Jenkins; Git wins)' in shown
    assert "stays" not in shown
    assert _apply_saved(applied, run, path) == (0, {API: "updated"})
    assert actions(applied, run) == {}
