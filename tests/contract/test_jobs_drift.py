"""What people did in Jenkins since the last apply: told, kept, put together with what Git changes."""

from __future__ import annotations

import html
import re

import pytest

from cictl.clients.jenkins_jobs import item_path
from cictl.errors import ExitCode
from tests.contract.jobs_shop import OWNER, PIPELINE, Shop, config
from tests.contract.jobs_tree import API, BUILD, NAMES, actions, edit, write_tree
from tests.files import replace_in
from tests.running import Run


def test_a_save_that_edits_nothing_is_no_change(applied: Shop, run: Run) -> None:
    for name in NAMES:
        applied.fake.save(name)
    assert actions(applied, run) == {}


def test_a_detailed_exit_status_is_of_what_apply_would_do(applied: Shop, run: Run) -> None:
    def status(*words: str) -> int:
        return applied.run(run, *words, "--detailed-exitcode").status

    assert (status("plan"), status("drift")) == (0, 0)
    edit(applied, BUILD, "H 2 * * *", "H 9 * * *")
    assert (status("plan"), status("drift")) == (0, ExitCode.CHANGES_PRESENT), "apply leaves what people edited"
    assert status("plan", "--overwrite", BUILD) == ExitCode.CHANGES_PRESENT
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}})
    assert status("plan") == ExitCode.CHANGES_PRESENT, "apply stops at a conflict"
    write_tree(applied)
    replace_in(applied.tree, API, "shop/ci/api2")
    assert status("plan") == ExitCode.CHANGES_PRESENT
    assert applied.run(run, "apply", "--yes").status == 0
    assert status("plan") == 0, "apply deletes nothing"


def _lose_mark(shop: Shop, name: str) -> None:
    shop.fake.put(name, re.sub(r"&lt;!-- cictl: .*?--&gt;", "", shop.fake.item(name).xml))


def test_a_job_of_ours_whose_mark_was_lost_is_named_when_git_lets_it_go(applied: Shop, run: Run) -> None:
    _lose_mark(applied, API)
    assert actions(applied, run) == {}, "Git makes it, and we have a record of it"
    replace_in(applied.tree, API, "shop/ci/api2")
    assert applied.run(run, "apply", "--yes").status == 0
    reason = "cictl wrote it and Git no longer makes it, but its mark was taken out of its description"
    for words in (["plan"], ["plan", "-o", "markdown"], ["prune", "--dry-run"]):
        said = html.unescape(applied.run(run, *words).stdout)
        assert API in said
        assert reason in said
        assert f"put '<!-- cictl: owned by {OWNER} -->' back" in said
    drift = applied.run(run, "drift", "--detailed-exitcode")
    assert drift.status == ExitCode.CHANGES_PRESENT
    assert API in drift.stdout
    assert "without our mark" in drift.stdout
    assert applied.run(run, "drift", "--accept", API).status == ExitCode.NOT_FOUND
    assert applied.results(run, "prune", "--yes") == (0, {API: "keep"})
    applied.fake.put(API, config(PIPELINE))
    assert actions(applied, run) == {API: "delete"}, "with the mark it is ours again"


def test_a_job_of_another_tree_whose_mark_was_lost_is_nobody_s_here(applied: Shop, run: Run) -> None:
    applied.fake.put("shop/ci/x", config(PIPELINE, owner="shop: other"))
    applied.record("shop/ci/x")
    _lose_mark(applied, "shop/ci/x")
    assert "shop/ci/x" not in applied.run(run, "plan").stdout
    assert applied.run(run, "prune", "--dry-run").stdout.startswith("Nothing to prune")


def test_what_a_person_edits_is_told_and_stays(applied: Shop, run: Run) -> None:
    edit(applied, BUILD, "H 2 * * *", "H 9 * * *")
    assert actions(applied, run) == {BUILD: "drifted"}
    assert applied.results(run, "apply", "--yes") == (0, {BUILD: "left"})
    drift = applied.run(run, "drift", "--detailed-exitcode")
    assert drift.status == ExitCode.CHANGES_PRESENT
    assert '"H 2 * * *"' in drift.stdout
    assert applied.results(run, "apply", "--yes", "--overwrite", BUILD) == (0, {BUILD: "updated"})
    assert "H 2 * * *" in applied.fake.item(BUILD).xml
    assert actions(applied, run) == {}


def test_an_edit_is_carried_over_by_the_line_that_says_it(applied: Shop, run: Run) -> None:
    write_tree(applied, {BUILD: {"cron": "H 3 * * *"}})
    applied.results(run, "apply", "--yes")
    edit(applied, BUILD, "H 3 * * *", "H 9 * * *")
    told = applied.run(run, "drift", "--accept", BUILD).stdout
    assert "+      - timed: 'H 9 * * *'" in told
    edit(applied, BUILD, "<defaultValue>1</defaultValue>", "<defaultValue>7</defaultValue>")
    assert "<defaultValue>7</defaultValue>" in applied.run(run, "drift", "--accept", BUILD).stdout
    assert applied.run(run, "drift", "--accept", API).status == ExitCode.NOT_FOUND


def test_changes_of_both_are_put_together(applied: Shop, run: Run) -> None:
    edit(applied, BUILD, "<defaultValue>1</defaultValue>", "<defaultValue>7</defaultValue>")
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}})
    assert applied.results(run, "apply", "--yes") == (0, {BUILD: "updated"})
    xml = applied.fake.item(BUILD).xml
    assert "H 4 * * *" in xml
    assert "<defaultValue>7</defaultValue>" in xml
    assert actions(applied, run) == {BUILD: "drifted"}, "the edit is still Jenkins' own"


def test_a_field_that_both_changed_is_left_until_somebody_decides(applied: Shop, run: Run) -> None:
    edit(applied, BUILD, "H 2 * * *", "H 9 * * *")
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}, API: {"cron": "H 5 * * *"}})
    assert applied.results(run, "apply", "--yes") == (ExitCode.CONFLICT, {BUILD: "conflict", API: "updated"})
    assert "H 9 * * *" in applied.fake.item(BUILD).xml
    assert applied.results(run, "apply", "--yes", "--overwrite", "all") == (0, {BUILD: "updated"})
    assert "H 4 * * *" in applied.fake.item(BUILD).xml


def test_a_job_that_was_disabled_stays_so(applied: Shop, run: Run) -> None:
    with applied.live() as live:
        live.connection.post(f"{item_path(BUILD)}/disable")
    assert actions(applied, run) == {BUILD: "drifted"}
    assert "disabled by hand" in applied.run(run, "drift").stdout
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}})
    assert applied.results(run, "apply", "--yes") == (0, {BUILD: "updated"})
    assert applied.fake.job(BUILD).disabled
    assert applied.results(run, "apply", "--yes", "--enable", BUILD) == (0, {BUILD: "updated"})
    assert not applied.fake.job(BUILD).disabled
    assert actions(applied, run) == {}


def test_a_job_that_was_deleted_is_said_and_made_anew(applied: Shop, run: Run) -> None:
    with applied.live() as live:
        live.items.delete(BUILD)
    assert "it was deleted in Jenkins" in applied.run(run, "plan").stdout
    assert applied.results(run, "apply", "--yes") == (0, {BUILD: "created"})


@pytest.mark.parametrize("text", ["Edited.", "Edited.\nTwice."])
def test_what_git_must_say_for_a_description_has_no_marks(applied: Shop, run: Run, text: str) -> None:
    xml = applied.fake.item("shop/ci/web").xml
    assert "The team&apos;s." in xml or "The team's." in xml
    applied.fake.put("shop/ci/web", re.sub(r"The team(&apos;|')s\.", text, xml))
    told = applied.run(run, "drift", "--accept", "shop/ci/web").stdout
    assert "Edited." in told
    assert "<!--" not in html.unescape(told)


def test_records_that_are_lost_are_no_reason_to_write(applied: Shop, run: Run) -> None:
    with applied.live() as live:
        live.items.delete("shop/admin/cictl-state")
    assert actions(applied, run) == {}
    assert applied.results(run, "apply") == (0, {})
    edit(applied, BUILD, "H 2 * * *", "H 9 * * *")
    assert actions(applied, run) == {BUILD: "drifted"}, "they were made anew by the apply before"
