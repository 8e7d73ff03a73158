"""Plan, apply and drift against the strict fake Jenkins: what it has, what was last written, what Git says."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cictl.clients.this_process import ThisProcess
from cictl.core.job_changes import PATH_MARK
from cictl.core.job_intents import Wishes, Write
from cictl.core.job_keeping import Lock, lock_xml
from cictl.core.job_marks import owner_of
from cictl.core.job_outcome import Outcome, Result
from cictl.core.job_plan import ItemKey
from cictl.core.job_xml import parse_config
from cictl.errors import ExitCode
from cictl.root import Terminated
from cictl.wiring.jobs import JobSource, rendered_jobs
from tests.contract.jobs_shop import FOLDER, OWNER, PIPELINE, Shop, config
from tests.contract.jobs_tree import NAMES, write_tree
from tests.fake_jenkins.messages import Request, Response
from tests.running import Run

BUILD, API = "shop/ci/web/build", "shop/ci/api"
LOCK = "shop/admin/cictl-lock"
ALL = {"shop/ci/web": "created", **dict.fromkeys(NAMES, "created"), "shop/ours": "created"}


@pytest.fixture(params=["2.516", "2.555"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "shop", store=request.param)
    write_tree(made)
    yield made
    made.close()


@pytest.fixture
def applied(shop: Shop, run: Run) -> Shop:
    """Have all of the tree in Jenkins."""
    assert shop.results(run, "apply", "--yes") == (0, ALL)
    return shop


def _actions(shop: Shop, run: Run) -> dict[str, str]:
    _, document = shop.told(run, "plan")
    return {each["name"]: each["action"] for each in document["jobs"] if each["action"] not in {"unchanged", "foreign"}}


def _edit(shop: Shop, name: str, before: str, after: str) -> None:
    """Change a job as a person does in Jenkins, who presses Save."""
    xml = shop.fake.item(name).xml
    assert before in xml
    shop.fake.put(name, xml.replace(before, after))
    shop.fake.save(name)


def test_what_is_planned_is_made_and_then_unchanged(shop: Shop, run: Run) -> None:
    assert _actions(shop, run) == dict.fromkeys(ALL, "create")
    assert shop.writes() == []
    assert shop.results(run, "apply", "--yes") == (0, ALL)
    assert owner_of(parse_config(shop.fake.item(BUILD).xml).text_of("description")) == OWNER
    assert _actions(shop, run) == {}
    before = shop.writes()
    assert shop.results(run, "apply") == (0, {})
    assert shop.writes() == before, "an unchanged job is never written"
    assert LOCK not in shop.fake.jobs()
    assert shop.run(run, "plan", "--detailed-exitcode").status == 0


def test_a_save_that_edits_nothing_is_no_change(applied: Shop, run: Run) -> None:
    for name in NAMES:
        applied.fake.save(name)
    assert _actions(applied, run) == {}


def test_what_git_changes_is_written_alone(applied: Shop, run: Run) -> None:
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}})
    outcome = applied.run(run, "plan", "--detailed-exitcode")
    assert outcome.status == ExitCode.CHANGES_PRESENT
    assert f'triggers{PATH_MARK}cron: "H 2 * * *" → "H 4 * * *"' in outcome.stdout
    before = len(applied.writes())
    assert applied.results(run, "apply", "--yes") == (0, {BUILD: "updated"})
    written = [each for each in applied.writes()[before:] if "admin" not in each]
    assert written == [
        "/job/shop/job/ci/job/web/job/build/config.xml",
        "/job/shop/job/ci/job/web/job/build/submitDescription",
    ]
    assert "H 4 * * *" in applied.fake.item(BUILD).xml
    assert _actions(applied, run) == {}


def test_a_detailed_exit_status_is_of_what_apply_would_do(applied: Shop, run: Run) -> None:
    def status(*words: str) -> int:
        return applied.run(run, *words, "--detailed-exitcode").status

    assert (status("plan"), status("drift")) == (0, 0)
    _edit(applied, BUILD, "H 2 * * *", "H 9 * * *")
    assert (status("plan"), status("drift")) == (0, ExitCode.CHANGES_PRESENT), "apply leaves what people edited"
    assert status("plan", "--overwrite", BUILD) == ExitCode.CHANGES_PRESENT
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}})
    assert status("plan") == ExitCode.CHANGES_PRESENT, "apply stops at a conflict"
    write_tree(applied)
    path = applied.folder / "tree" / "jobs.yaml"
    path.write_text(path.read_text().replace(API, "shop/ci/api2"))
    assert status("plan") == ExitCode.CHANGES_PRESENT
    assert applied.run(run, "apply", "--yes").status == 0
    assert status("plan") == 0, "apply deletes nothing"


def _lose_mark(shop: Shop, name: str) -> None:
    shop.fake.put(name, re.sub(r"&lt;!-- cictl: .*?--&gt;", "", shop.fake.item(name).xml))


def test_a_job_of_ours_whose_mark_was_lost_is_named_when_git_lets_it_go(applied: Shop, run: Run) -> None:
    _lose_mark(applied, API)
    assert _actions(applied, run) == {}, "Git makes it, and we have a record of it"
    path = applied.folder / "tree" / "jobs.yaml"
    path.write_text(path.read_text().replace(API, "shop/ci/api2"))
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
    assert _actions(applied, run) == {API: "delete"}, "with the mark it is ours again"


def test_a_job_of_another_tree_whose_mark_was_lost_is_nobody_s_here(applied: Shop, run: Run) -> None:
    applied.fake.put("shop/ci/x", config(PIPELINE, owner="shop: other"))
    applied.record("shop/ci/x")
    _lose_mark(applied, "shop/ci/x")
    assert "shop/ci/x" not in applied.run(run, "plan").stdout
    assert applied.run(run, "prune", "--dry-run").stdout.startswith("Nothing to prune")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["plan", "--overwrite", "shop/ci/apy"], "did you mean 'shop/ci/api'?"),
        (["apply", "--yes", "--overwrite", "shop/ci/apy"], "--overwrite shop/ci/apy matches no job"),
        (["apply", "--yes", "--enable", "shop/none/*"], "--enable shop/none/* matches no job"),
    ],
)
def test_a_name_that_nothing_bears_is_no_silent_wish(shop: Shop, run: Run, words: list[str], said: str) -> None:
    outcome = shop.run(run, *words)
    assert (outcome.status, shop.jobs()) == (ExitCode.USAGE, set())
    assert said in outcome.stderr


def test_what_a_person_edits_is_told_and_stays(applied: Shop, run: Run) -> None:
    _edit(applied, BUILD, "H 2 * * *", "H 9 * * *")
    assert _actions(applied, run) == {BUILD: "drifted"}
    assert applied.results(run, "apply", "--yes") == (0, {BUILD: "left"})
    drift = applied.run(run, "drift", "--detailed-exitcode")
    assert drift.status == ExitCode.CHANGES_PRESENT
    assert '"H 2 * * *"' in drift.stdout
    assert applied.results(run, "apply", "--yes", "--overwrite", BUILD) == (0, {BUILD: "updated"})
    assert "H 2 * * *" in applied.fake.item(BUILD).xml
    assert _actions(applied, run) == {}


def test_an_edit_is_carried_over_by_the_line_that_says_it(applied: Shop, run: Run) -> None:
    write_tree(applied, {BUILD: {"cron": "H 3 * * *"}})
    applied.results(run, "apply", "--yes")
    _edit(applied, BUILD, "H 3 * * *", "H 9 * * *")
    told = applied.run(run, "drift", "--accept", BUILD).stdout
    assert "+      - timed: 'H 9 * * *'" in told
    _edit(applied, BUILD, "<defaultValue>1</defaultValue>", "<defaultValue>7</defaultValue>")
    assert "<defaultValue>7</defaultValue>" in applied.run(run, "drift", "--accept", BUILD).stdout
    assert applied.run(run, "drift", "--accept", API).status == ExitCode.NOT_FOUND


def test_changes_of_both_are_put_together(applied: Shop, run: Run) -> None:
    _edit(applied, BUILD, "<defaultValue>1</defaultValue>", "<defaultValue>7</defaultValue>")
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}})
    assert applied.results(run, "apply", "--yes") == (0, {BUILD: "updated"})
    xml = applied.fake.item(BUILD).xml
    assert "H 4 * * *" in xml
    assert "<defaultValue>7</defaultValue>" in xml
    assert _actions(applied, run) == {BUILD: "drifted"}, "the edit is still Jenkins' own"


def test_a_field_that_both_changed_is_left_until_somebody_decides(applied: Shop, run: Run) -> None:
    _edit(applied, BUILD, "H 2 * * *", "H 9 * * *")
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}, API: {"cron": "H 5 * * *"}})
    assert applied.results(run, "apply", "--yes") == (ExitCode.CONFLICT, {BUILD: "conflict", API: "updated"})
    assert "H 9 * * *" in applied.fake.item(BUILD).xml
    assert applied.results(run, "apply", "--yes", "--overwrite", "all") == (0, {BUILD: "updated"})
    assert "H 4 * * *" in applied.fake.item(BUILD).xml


def test_a_job_that_was_disabled_stays_so(applied: Shop, run: Run) -> None:
    with applied.live() as live:
        live.items.disable(BUILD)
    assert _actions(applied, run) == {BUILD: "drifted"}
    assert "disabled by hand" in applied.run(run, "drift").stdout
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}})
    assert applied.results(run, "apply", "--yes") == (0, {BUILD: "updated"})
    assert applied.fake.job(BUILD).disabled
    assert applied.results(run, "apply", "--yes", "--enable", BUILD) == (0, {BUILD: "updated"})
    assert not applied.fake.job(BUILD).disabled
    assert _actions(applied, run) == {}


def test_a_job_that_was_deleted_is_said_and_made_anew(applied: Shop, run: Run) -> None:
    with applied.live() as live:
        live.items.delete(BUILD)
    assert "it was deleted in Jenkins" in applied.run(run, "plan").stdout
    assert applied.results(run, "apply", "--yes") == (0, {BUILD: "created"})


def test_what_git_no_longer_makes_is_named_and_not_deleted(applied: Shop, run: Run) -> None:
    write_tree(applied, rest="")
    path = applied.folder / "tree" / "jobs.yaml"
    path.write_text(path.read_text().replace(API, "shop/ci/api2"))
    assert _actions(applied, run) == {API: "delete", "shop/ci/api2": "create"}
    assert applied.results(run, "apply", "--yes") == (0, {"shop/ci/api2": "created"})
    assert API in applied.fake.jobs()


def test_a_job_of_others_is_not_touched(shop: Shop, run: Run) -> None:
    shop.fake.put(API, config(PIPELINE, owner=None))
    before = shop.fake.item(API).xml
    status, results = shop.results(run, "apply", "--yes")
    assert (status, results) == (ExitCode.CONFLICT, ALL | {API: "conflict"})
    assert shop.fake.item(API).xml == before


def _saved(shop: Shop, run: Run) -> str:
    path = str(shop.folder / "plan.json")
    assert shop.run(run, "plan", "--out", path).status == 0
    return path


def _apply_saved(shop: Shop, run: Run, path: str) -> tuple[int, dict[str, str]]:
    outcome = run("jobs", "apply", path, "--yes", "-o", "json", app=shop.app())
    return outcome.status, {each["name"]: each["result"] for each in json.loads(outcome.stdout)["jobs"]}


def test_a_saved_plan_is_applied_as_it_was_shown(shop: Shop, run: Run) -> None:
    path = _saved(shop, run)
    assert _apply_saved(shop, run, path) == (0, ALL)
    assert _apply_saved(shop, run, path) == (0, dict.fromkeys(ALL, "unchanged"))


def test_a_plan_that_cannot_be_saved_or_read_is_said_to_be_so(shop: Shop, run: Run) -> None:
    saved = shop.run(run, "plan", "--out", str(shop.folder / "missing" / "plan.json"))
    assert (saved.status, "cannot be written" in saved.stderr) == (ExitCode.NOT_ALLOWED, True)
    read = run("jobs", "apply", str(shop.folder), "--yes", app=shop.app())
    assert (read.status, "cannot be read" in read.stderr) == (ExitCode.NOT_ALLOWED, True)


@pytest.mark.parametrize("option", ["-r", "-x", "--ini", "--plugins-info", "--job", "--overwrite"])
def test_what_a_saved_plan_says_itself_is_not_said_again(shop: Shop, run: Run, option: str) -> None:
    path = _saved(shop, run)
    outcome = run("jobs", "apply", path, "--yes", option, path, app=shop.app())
    assert (outcome.status, shop.fake.controller.item(API)) == (ExitCode.USAGE, None)


def test_a_saved_plan_is_applied_for_its_own_owner_alone(shop: Shop, run: Run) -> None:
    path = _saved(shop, run)
    outcome = run("jobs", "apply", path, "--yes", "--owner", "another", app=shop.app())
    assert (outcome.status, shop.jobs()) == (ExitCode.USAGE, set())
    assert "the plan is of the jobs of 'shop: tree', not of those of 'another'" in outcome.stderr
    assert run("jobs", "apply", path, "--yes", "--owner", OWNER, app=shop.app()).status == 0


def test_what_moved_since_the_plan_is_named_and_left(applied: Shop, run: Run) -> None:
    write_tree(applied, {name: {"cron": "H 4 * * *"} for name in NAMES})
    path = _saved(applied, run)
    assert "<script>" not in Path(path).read_text()
    _edit(applied, BUILD, "<defaultValue>1</defaultValue>", "<defaultValue>7</defaultValue>")
    write_tree(applied, {**{name: {"cron": "H 4 * * *"} for name in NAMES}, API: {"cron": "H 5 * * *"}})
    assert _apply_saved(applied, run, path) == (
        ExitCode.CONFLICT,
        {BUILD: "conflict", API: "conflict", "shop/ci/web/test": "updated"},
    )


def test_a_saved_plan_says_what_git_wins_in_and_apply_does_it(applied: Shop, run: Run) -> None:
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}})
    _edit(applied, BUILD, "H 2 * * *", "H 9 * * *")
    _edit(applied, API, "H 2 * * *", "H 9 * * *")
    path = str(applied.folder / "plan.json")
    shown = applied.run(run, "plan", "--overwrite", BUILD, "--out", path).stdout
    assert '"H 9 * * *" → "H 4 * * *"  (conflict; Git wins)' in shown
    assert '"H 2 * * *" → "H 9 * * *"  (in Jenkins; stays)' in shown
    assert _apply_saved(applied, run, path) == (0, {BUILD: "updated", API: "left"})
    shown = applied.run(run, "plan", "--overwrite", "all", "--out", path).stdout
    assert '"H 9 * * *" → "H 2 * * *"  (edited in Jenkins; Git wins)' in shown
    assert "stays" not in shown
    assert _apply_saved(applied, run, path) == (0, {API: "updated"})
    assert _actions(applied, run) == {}


def test_what_moves_between_plan_and_write_is_left(applied: Shop, run: Run) -> None:
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}})
    path = "/job/shop/job/ci/job/web/job/build/config.xml"
    reads = 0

    def edits(_: int, request: Request) -> None:
        nonlocal reads
        reads += request.method == "GET" and request.path == path
        if reads == 2:
            reads += 1
            _edit(applied, BUILD, "<defaultValue>1</defaultValue>", "<defaultValue>7</defaultValue>")

    applied.fake.faults.on_request = edits
    assert applied.results(run, "apply", "--yes") == (ExitCode.CONFLICT, {BUILD: "conflict"})
    assert "<defaultValue>7</defaultValue>" in applied.fake.item(BUILD).xml


def test_what_jenkins_swallows_is_a_failure_with_its_name(shop: Shop, run: Run) -> None:
    raw = "<hudson.plugins.gone.Thing plugin='gone'><x>1</x></hudson.plugins.gone.Thing>"
    name = "shop/ci/odd"
    rest = (
        f"- job:\n    name: {name}\n    project-type: pipeline\n    dsl: x\n"
        f'    properties:\n      - raw: {{xml: "{raw}"}}\n'
    )
    write_tree(shop, rest=rest)
    outcome = shop.run(run, "apply", "--yes")
    assert outcome.status == ExitCode.FAR_SIDE_FAILED
    assert "hudson.plugins.gone.Thing (gone)" in outcome.stdout
    assert all(name in shop.fake.jobs() for name in NAMES), "one failure does not stop the others"


def _is(method: str, ending: str) -> Callable[[Request], bool]:
    return lambda request: request.method == method and request.path.endswith(ending) and "admin" not in request.path


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "ending", ["/ci/createItem", "/web/createItem", "/build/submitDescription", "/build/config.xml", "/createView"]
)
def test_a_lost_answer_is_no_failure(applied: Shop, run: Run, ending: str, *, is_after: bool) -> None:
    fresh: dict[str, dict[str, str]] = {"shop/ci/new": {}, "shop/ci/web/new": {}}
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}, **fresh})
    with applied.live() as live:
        live.items.delete_view("shop/ours")
    faults = applied.fake.faults
    (faults.drop_after if is_after else faults.drop_before)(_is("POST", ending))
    status, results = applied.results(run, "apply", "--yes")
    assert (status, set(results.values())) == (0, {"created", "updated"})
    assert _actions(applied, run) == {}


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("ending", ["/admin/createItem", "/cictl-state/config.xml", "/cictl-lock/doDelete"])
def test_a_lost_answer_of_lock_and_records(shop: Shop, run: Run, ending: str, *, is_after: bool) -> None:
    faults = shop.fake.faults
    (faults.drop_after if is_after else faults.drop_before)(
        lambda request: request.method == "POST" and request.path.endswith(ending)
    )
    assert shop.results(run, "apply", "--yes") == (0, ALL)
    assert _actions(shop, run) == {}
    write_tree(shop, {BUILD: {"cron": "H 4 * * *"}})
    assert shop.results(run, "apply", "--yes") == (0, {BUILD: "updated"})


def _lock(shop: Shop, process: str, *, renewed: float) -> None:
    lock = Lock("somebody", "ann@laptop, process 7", process, renewed - 60, renewed)
    shop.fake.put(LOCK, lock_xml(lock))


def test_a_second_run_does_not_write(shop: Shop, run: Run) -> None:
    _lock(shop, "elsewhere/b/1/7/9", renewed=time.time())
    outcome = shop.run(run, "apply", "--yes")
    assert outcome.status == ExitCode.CONFLICT
    assert "ann@laptop, process 7 writes jobs" in outcome.stderr
    assert "--take-over" in outcome.stderr
    assert shop.jobs() == {LOCK}
    assert shop.results(run, "apply", "--yes", "--take-over") == (0, ALL)
    assert LOCK not in shop.fake.jobs()


def test_the_lock_of_a_dead_process_is_broken(shop: Shop, run: Run) -> None:
    place = ThisProcess().token.rsplit("/", 2)[0]
    _lock(shop, f"{place}/4194999/1", renewed=time.time())
    outcome = shop.run(run, "apply", "--yes")
    assert outcome.status == 0
    assert "that process is no more" in outcome.stderr


@pytest.mark.parametrize("command", ["plan", "apply", "render", "drift", "adopt", "prune"])
def test_a_name_that_matches_nothing_is_an_error(applied: Shop, run: Run, command: str) -> None:
    outcome = applied.run(run, command, "--job", "shop/ci/wbe")
    assert outcome.status == ExitCode.USAGE
    assert "--job shop/ci/wbe matches no job of this tree" in outcome.stderr
    assert "did you mean 'shop/ci/web'?" in outcome.stderr
    assert applied.run(run, command, "--job", "shop/ci/w*", "--job", "nosuch*").status == ExitCode.USAGE
    assert applied.run(run, command, "--job", "shop/ci/w*").status == ExitCode.OK


@pytest.mark.parametrize("command", ["plan", "apply", "render", "drift", "adopt"])
def test_a_tree_without_a_job_is_told(shop: Shop, run: Run, command: str) -> None:
    empty = shop.folder / "empty"
    empty.mkdir()
    outcome = run("jobs", command, "-r", str(empty), app=shop.app())
    assert (outcome.status, f"{empty} makes no job or view at all" in outcome.stderr) == (ExitCode.OK, True)


_APPLYING = "cictl.services.jobs_apply.JobsApplying"


@pytest.mark.parametrize(
    ("command", "service"),
    [("apply", "jobs_plan.JobsPlanning"), ("prune", "jobs_prune.Prune"), ("adopt", "jobs_adopt.Adopt")],
)
@pytest.mark.parametrize("stop", [KeyboardInterrupt, Terminated])
def test_a_run_that_is_stopped_before_it_writes_says_so(
    shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch, command: str, service: str, stop: type[BaseException]
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise stop

    monkeypatch.setattr(f"cictl.services.{service}.plan", stopped)
    outcome = shop.run(run, command, "--yes")
    assert outcome.status == (143 if stop is Terminated else 130)
    assert "stopped: nothing was written" in outcome.stderr


@pytest.mark.parametrize("text", ["Edited.", "Edited.\nTwice."])
def test_what_git_must_say_for_a_description_has_no_marks(applied: Shop, run: Run, text: str) -> None:
    xml = applied.fake.item("shop/ci/web").xml
    assert "The team&apos;s." in xml or "The team's." in xml
    applied.fake.put("shop/ci/web", re.sub(r"The team(&apos;|')s\.", text, xml))
    told = applied.run(run, "drift", "--accept", "shop/ci/web").stdout
    assert "Edited." in told
    assert "<!--" not in html.unescape(told)


def test_a_run_that_is_stopped_while_it_writes_says_how_far_it_came(
    shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_self: object, _planned: object, writes: tuple[Write, ...], report: Callable[[Outcome], None]) -> None:
        for each in writes[:2]:
            report(Outcome(each.key, Result.CREATED))
        raise KeyboardInterrupt

    monkeypatch.setattr(f"{_APPLYING}.apply", stopped)
    outcome = shop.run(run, "apply", "--yes")
    assert outcome.status == 130
    assert "stopped: 2 written; what was under way may be, too: run it again" in outcome.stderr


def test_a_lock_without_a_sign_of_life_is_broken(shop: Shop, run: Run) -> None:
    _lock(shop, "elsewhere/b/1/7/9", renewed=time.time() - 400)
    outcome = shop.run(run, "apply", "--yes")
    assert outcome.status == 0
    assert "no sign of life" in outcome.stderr


def test_a_lock_that_lies_there_is_seen_by_runs_that_have_nothing_to_write(applied: Shop, run: Run) -> None:
    nothing = (["apply"], ["adopt"], ["prune"])
    for words in nothing:
        _lock(applied, "elsewhere/b/1/7/9", renewed=time.time() - 400)
        outcome = applied.run(run, *words)
        assert outcome.status == 0
        assert "the lock of ann@laptop, process 7 is broken: no sign of life" in outcome.stderr
        assert LOCK not in applied.fake.jobs()
    for words in nothing:
        _lock(applied, "elsewhere/b/1/7/9", renewed=time.time())
        outcome = applied.run(run, *words)
        assert outcome.status == 0
        assert "ann@laptop, process 7 writes jobs" in outcome.stderr
        assert LOCK in applied.fake.jobs(), "it is in use"
    assert applied.run(run, "plan").status == 0
    assert applied.run(run, "apply", "--take-over").status == 0
    assert LOCK not in applied.fake.jobs()


def test_a_lock_in_use_keeps_records_from_being_renewed_and_nothing_else(applied: Shop, run: Run) -> None:
    with applied.live() as live:
        live.records.forget([ItemKey(BUILD)])
    _lock(applied, "elsewhere/b/1/7/9", renewed=time.time())
    outcome = applied.run(run, "apply")
    assert (outcome.status, "writes jobs" in outcome.stderr) == (0, True)
    assert BUILD not in applied.recorded()
    assert applied.run(run, "apply", "--take-over").status == 0
    assert BUILD in applied.recorded()


def test_a_lock_that_is_lost_stops_the_run(shop: Shop, run: Run) -> None:
    def steals(_: int, request: Request) -> None:
        if request.method == "POST" and request.path.endswith("admin/createItem") and "state" in request.target:
            _lock(shop, "elsewhere/b/1/7/9", renewed=time.time())

    shop.fake.faults.on_answer = steals
    outcome = shop.run(run, "apply", "--yes")
    assert outcome.status == ExitCode.CONFLICT
    assert "took over" in outcome.stderr
    assert shop.jobs() == {LOCK}, "the other's lock is left alone, and nothing is written"


def test_a_jenkins_that_goes_away_with_an_answer(applied: Shop, run: Run) -> None:
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}})

    def away(_: int, request: Request) -> None:
        if _is("POST", "/build/config.xml")(request):
            applied.fake.faults.drop_after(lambda each: each is request)
            applied.fake.faults.drop_before(lambda each: each is not request, times=1000)

    applied.fake.faults.on_request = away
    assert applied.results(run, "apply", "--yes") == (ExitCode.UNREACHABLE, {BUILD: "unknown"})
    applied.fake.faults.on_request = None
    applied.fake.faults.clear()
    assert "H 4 * * *" in applied.fake.item(BUILD).xml
    assert applied.results(run, "apply", "--yes", "--take-over") == (0, {}), "the next run finds it done"
    assert LOCK not in applied.fake.jobs()


def _with_another_between(shop: Shop, run: Run, *words: str) -> tuple[tuple[int, dict[str, str]], ...]:
    """Return what came of two runs of the same: the other is done between the plan of the first and its lock."""
    others: list[tuple[int, dict[str, str]]] = []

    def other(_: int, request: Request) -> None:
        if request.method == "POST" and not others:
            others.append((-1, {}))
            others[0] = shop.results(run, *words)

    shop.fake.faults.on_request = other
    mine = shop.results(run, *words)
    shop.fake.faults.on_request = None
    return others[0], mine


def test_of_two_applies_that_planned_the_same_the_second_finds_it_done(shop: Shop, run: Run) -> None:
    other, mine = _with_another_between(shop, run, "apply", "--yes")
    assert other == (0, ALL)
    assert mine == (0, dict.fromkeys(ALL, "unchanged"))
    write_tree(shop, {BUILD: {"cron": "H 4 * * *"}, API: {"version": "2"}})
    other, mine = _with_another_between(shop, run, "apply", "--yes")
    assert (other, mine) == ((0, {BUILD: "updated", API: "updated"}), (0, {BUILD: "unchanged", API: "unchanged"}))
    assert _actions(shop, run) == {}


def test_of_two_applies_that_planned_different_things_the_second_says_so(applied: Shop, run: Run) -> None:
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}})
    with applied.live() as live:
        planned = live.planning().plan(rendered_jobs(applied.app(), JobSource((applied.folder / "tree",))))
        writes, _ = live.applying().decide(planned, Wishes())
        write_tree(applied, {BUILD: {"cron": "H 5 * * *"}})
        assert applied.results(run, "apply", "--yes") == (0, {BUILD: "updated"})
        [mine] = live.applying().apply(planned, writes)
    assert mine.result.value == "conflict"
    assert "H 5 * * *" in applied.fake.item(BUILD).xml


def test_a_jenkins_that_goes_away_in_the_middle(shop: Shop, run: Run) -> None:
    shop.fake.faults.answer_instead(Response(503, b"Starting Jenkins"), _is("POST", "/web/createItem"), times=99)
    status, results = shop.results(run, "apply", "--yes")
    assert status == ExitCode.UNREACHABLE
    assert results["shop/ci/web"] == "created"
    assert set(results.values()) == {"created", "skipped"}, "a Jenkins that is starting took nothing"
    shop.fake.faults.clear()
    status, results = shop.results(run, "apply", "--yes")
    assert status == 0
    assert _actions(shop, run) == {}


def test_what_is_in_a_folder_that_was_not_made_is_skipped(shop: Shop, run: Run) -> None:
    shop.fake.faults.answer_instead(
        Response(500, b"Oops"), lambda request: request.path.endswith("/ci/createItem") and "name=web" in request.target
    )
    status, results = shop.results(run, "apply", "--yes")
    assert status == ExitCode.FAR_SIDE_FAILED
    assert results == ALL | {"shop/ci/web": "failed", BUILD: "skipped", "shop/ci/web/test": "skipped"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("shop/ci/a*b", "unsafe character", id="refused"),
        pytest.param("shop/ci/API", "same name as", id="collides-with-another"),
        pytest.param("shop/none/x", "its folder shop/none is not in Jenkins", id="no-folder"),
    ],
)
def test_names_that_cannot_be_are_errors_of_the_plan(shop: Shop, run: Run, name: str, words: str) -> None:
    write_tree(shop, {name: {}})
    for command in (["plan"], ["apply", "--yes"]):
        outcome = shop.run(run, *command)
        assert outcome.status == ExitCode.CONFIG
        assert words in outcome.stderr
        assert "jobs.yaml:" in outcome.stderr
    assert shop.jobs() == set()


def test_a_name_that_is_there_in_other_capitals(shop: Shop, run: Run) -> None:
    shop.fake.put("shop/ci/API", config(PIPELINE, owner=None))
    outcome = shop.run(run, "plan")
    assert outcome.status == ExitCode.CONFIG
    assert "'shop/ci/API', which is there" in outcome.stderr


@pytest.mark.parametrize("words", [("-o", "markdown", "jobs", "plan"), ("jobs", "apply", "-o", "markdown")])
def test_markdown_in_the_wrong_place_is_told_the_right_one(run: Run, words: tuple[str, ...]) -> None:
    outcome = run(*words)
    assert outcome.status == ExitCode.USAGE
    assert "'cictl jobs plan -o markdown'" in outcome.stderr


def test_nobody_to_ask_is_a_usage_error(shop: Shop, run: Run) -> None:
    outcome = shop.run(run, "apply")
    assert outcome.status == ExitCode.USAGE
    assert "--yes" in outcome.stderr
    assert shop.writes() == []


def test_a_right_that_is_missing_is_named(applied: Shop, run: Run) -> None:
    applied.sign_in("reader")
    outcome = applied.run(run, "plan")
    assert outcome.status in {ExitCode.NOT_ALLOWED, ExitCode.CONFIG}
    assert "Traceback" not in outcome.stderr


def test_secrets_are_not_shown_and_not_kept(shop: Shop, run: Run) -> None:
    secret = "canary-7391"
    rest = (
        "- job:\n    name: shop/ci/odd\n    project-type: pipeline\n    dsl: sh 'curl -u me:{secret} x'\n"
        "    parameters:\n      - password: {{name: API_TOKEN, default: '{secret}'}}\n"
    )
    write_tree(shop, rest=rest.replace("{{", "{").replace("}}", "}").replace("{secret}", secret))
    out = str(shop.folder / "plan.json")
    said = [shop.run(run, *words) for words in (["plan", "--full", "--out", out], ["apply", "--yes"])]
    shop.fake.put("shop/ci/odd", shop.fake.item("shop/ci/odd").xml.replace(secret, "other-5512"))
    said += [shop.run(run, "drift"), shop.run(run, "plan", "--full"), shop.run(run, "drift", "--accept", "shop/ci/odd")]
    told = "".join(each.stdout + each.stderr for each in said) + Path(out).read_text()
    with shop.live() as live:
        kept = "".join(base.sent + base.saved for base in live.records.bases().values())
    assert "API_TOKEN" in kept
    assert secret not in told + kept
    assert Path(out).stat().st_mode & 0o077 == 0
    assert "other-5512" not in told


def test_a_credential_of_a_folder_is_carried_over(applied: Shop, run: Run) -> None:
    store = (
        "<com.cloudbees.hudson.plugins.folder.properties.FolderCredentialsProvider_-FolderCredentialsProperty>"
        '<domainCredentialsMap class="hudson.util.CopyOnWriteMap$Hash"/>'
        "</com.cloudbees.hudson.plugins.folder.properties.FolderCredentialsProvider_-FolderCredentialsProperty>"
    )
    xml = applied.fake.item("shop/ci/web").xml
    assert "<properties" in xml
    applied.fake.put("shop/ci/web", xml.replace("<properties/>", f"<properties>{store}</properties>"))
    path = applied.folder / "tree" / "jobs.yaml"
    path.write_text(path.read_text().replace("The team's.", "Ours now."))
    assert applied.results(run, "apply", "--yes") == (0, {"shop/ci/web": "updated"})
    xml = applied.fake.item("shop/ci/web").xml
    assert "Ours now." in xml
    assert "FolderCredentialsProperty" in xml


def test_markdown_is_for_a_pull_request(shop: Shop, run: Run) -> None:
    told = shop.run(run, "plan", "-o", "markdown").stdout
    assert told.startswith("### Jobs: 5 to create")
    assert f"**create** <code>{BUILD}</code>" in told


def test_only_some_jobs(applied: Shop, run: Run) -> None:
    write_tree(applied, {name: {"cron": "H 4 * * *"} for name in NAMES})
    assert applied.results(run, "apply", "--yes", "--job", "*/web/*") == (
        0,
        {BUILD: "updated", "shop/ci/web/test": "updated"},
    )
    assert _actions(applied, run) == {API: "update"}


def test_records_that_are_lost_are_no_reason_to_write(applied: Shop, run: Run) -> None:
    with applied.live() as live:
        live.items.delete("shop/admin/cictl-state")
    assert _actions(applied, run) == {}
    assert applied.results(run, "apply") == (0, {})
    _edit(applied, BUILD, "H 2 * * *", "H 9 * * *")
    assert _actions(applied, run) == {BUILD: "drifted"}, "they were made anew by the apply before"


def test_a_folder_that_is_in_the_way_of_a_job_is_said(shop: Shop, run: Run) -> None:
    shop.fake.put(API, config(FOLDER))
    outcome = shop.run(run, "apply", "--yes")
    assert outcome.status == ExitCode.CONFLICT
    assert "cannot turn a" in outcome.stdout
