"""Answers that are lost, a Jenkins that goes away, runs that are stopped."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cictl.core.job_intents import Write
from cictl.core.job_outcome import Outcome, Result
from cictl.errors import ExitCode
from cictl.root import Terminated
from tests.contract.jobs_shop import Shop
from tests.contract.jobs_tree import ALL, BUILD, LOCK, NAMES, actions, is_asked, write_tree
from tests.fake_jenkins.messages import Request, Response
from tests.running import Run


def test_what_jenkins_swallows_is_a_failure_with_its_name(fresh: Shop, run: Run) -> None:
    raw = "<hudson.plugins.gone.Thing plugin='gone'><x>1</x></hudson.plugins.gone.Thing>"
    name = "shop/ci/odd"
    rest = (
        f"- job:\n    name: {name}\n    project-type: pipeline\n    dsl: x\n"
        f'    properties:\n      - raw: {{xml: "{raw}"}}\n'
    )
    write_tree(fresh, rest=rest)
    outcome = fresh.run(run, "apply", "--yes")
    assert outcome.status == ExitCode.FAR_SIDE_FAILED
    assert "hudson.plugins.gone.Thing (gone)" in outcome.stdout
    assert all(name in fresh.fake.jobs() for name in NAMES), "one failure does not stop the others"
    assert "thing: nothing" in fresh.run(run, "plan").stdout
    again = fresh.run(run, "apply", "--yes")
    assert (again.status, "hudson.plugins.gone.Thing (gone)" in again.stdout) == (ExitCode.FAR_SIDE_FAILED, True)
    write_tree(fresh, rest=rest.partition("    properties:")[0])
    assert fresh.run(run, "plan", "--detailed-exitcode").status == 0


def test_what_jenkins_swallowed_comes_once_its_plugin_is_there(fresh: Shop, run: Run) -> None:
    git = fresh.fake.controller.plugins.pop("git")
    scm = "[{git: {url: 'https://git.example.com/x.git', branches: [main]}}]"
    write_tree(fresh, rest=f"- job:\n    name: shop/ci/odd\n    project-type: freestyle\n    scm: {scm}\n")
    assert "hudson.plugins.git.GitSCM" in fresh.run(run, "apply", "--yes").stdout
    fresh.fake.controller.plugins["git"] = git
    planned = fresh.run(run, "plan", "--detailed-exitcode")
    assert (planned.status, "update" in planned.stdout) == (20, True)
    assert fresh.run(run, "apply", "--yes").status == 0
    assert "https://git.example.com/x.git" in fresh.fake.jobs()["shop/ci/odd"]
    assert fresh.run(run, "plan", "--detailed-exitcode").status == 0


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
    (faults.drop_after if is_after else faults.drop_before)(is_asked("POST", ending))
    status, results = applied.results(run, "apply", "--yes")
    assert (status, set(results.values())) == (0, {"created", "updated"})
    assert actions(applied, run) == {}


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("ending", ["/admin/createItem", "/cictl-state/config.xml", "/cictl-lock/doDelete"])
def test_a_lost_answer_of_lock_and_records(fresh: Shop, run: Run, ending: str, *, is_after: bool) -> None:
    faults = fresh.fake.faults
    (faults.drop_after if is_after else faults.drop_before)(
        lambda request: request.method == "POST" and request.path.endswith(ending)
    )
    assert fresh.results(run, "apply", "--yes") == (0, ALL)
    assert actions(fresh, run) == {}
    write_tree(fresh, {BUILD: {"cron": "H 4 * * *"}})
    assert fresh.results(run, "apply", "--yes") == (0, {BUILD: "updated"})


_APPLYING = "cictl.services.jobs_apply.JobsApplying"


@pytest.mark.parametrize(
    ("command", "service"),
    [("apply", "jobs_plan.JobsPlanning"), ("prune", "jobs_prune.Prune"), ("adopt", "jobs_adopt.Adopt")],
)
@pytest.mark.parametrize("stop", [KeyboardInterrupt, Terminated])
def test_a_run_that_is_stopped_before_it_writes_says_so(
    fresh: Shop, run: Run, monkeypatch: pytest.MonkeyPatch, command: str, service: str, stop: type[BaseException]
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise stop

    monkeypatch.setattr(f"cictl.services.{service}.plan", stopped)
    outcome = fresh.run(run, command, "--yes")
    assert outcome.status == (143 if stop is Terminated else 130)
    assert "stopped: nothing was written" in outcome.stderr


def test_a_run_that_is_stopped_while_it_writes_says_how_far_it_came(
    fresh: Shop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(_self: object, _planned: object, writes: tuple[Write, ...], report: Callable[[Outcome], None]) -> None:
        for each in writes[:2]:
            report(Outcome(each.key, Result.CREATED))
        raise KeyboardInterrupt

    monkeypatch.setattr(f"{_APPLYING}.apply", stopped)
    outcome = fresh.run(run, "apply", "--yes")
    assert outcome.status == 130
    assert "stopped: 2 written; what was under way may be, too: run it again" in outcome.stderr


def test_a_jenkins_that_goes_away_with_an_answer(applied: Shop, run: Run) -> None:
    write_tree(applied, {BUILD: {"cron": "H 4 * * *"}})

    def away(_: int, request: Request) -> None:
        if is_asked("POST", "/build/config.xml")(request):
            applied.fake.faults.drop_after(lambda each: each is request)
            applied.fake.faults.drop_before(lambda each: each is not request, times=1000)

    applied.fake.faults.on_request = away
    assert applied.results(run, "apply", "--yes") == (ExitCode.UNREACHABLE, {BUILD: "unknown"})
    applied.fake.faults.on_request = None
    applied.fake.faults.clear()
    assert "H 4 * * *" in applied.fake.item(BUILD).xml
    assert applied.results(run, "apply", "--yes", "--take-over") == (0, {}), "the next run finds it done"
    assert LOCK not in applied.fake.jobs()


def test_a_jenkins_that_goes_away_in_the_middle(fresh: Shop, run: Run) -> None:
    fresh.fake.faults.answer_instead(Response(503, b"Starting Jenkins"), is_asked("POST", "/web/createItem"), times=99)
    status, results = fresh.results(run, "apply", "--yes")
    assert status == ExitCode.UNREACHABLE
    assert results["shop/ci/web"] == "created"
    assert set(results.values()) == {"created", "skipped"}, "a Jenkins that is starting took nothing"
    fresh.fake.faults.clear()
    status, results = fresh.results(run, "apply", "--yes")
    assert status == 0
    assert actions(fresh, run) == {}


def test_what_is_in_a_folder_that_was_not_made_is_skipped(fresh: Shop, run: Run) -> None:
    fresh.fake.faults.answer_instead(
        Response(500, b"Oops"), lambda request: request.path.endswith("/ci/createItem") and "name=web" in request.target
    )
    status, results = fresh.results(run, "apply", "--yes")
    assert status == ExitCode.FAR_SIDE_FAILED
    assert results == ALL | {"shop/ci/web": "failed", BUILD: "skipped", "shop/ci/web/test": "skipped"}
