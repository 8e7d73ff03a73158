"""`cictl jobs prune` against the fake Jenkins: what goes, what stays, and that nothing goes without a backup."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cictl.clients.jenkins_jobs import item_path
from cictl.core.job_keeping import lock_xml, read_lock
from cictl.errors import ExitCode
from tests.contract.bootstrap_platform import brisk_app
from tests.contract.jobs_shop import FOLDER, FREESTYLE, MULTIBRANCH, PIPELINE, REPO, Shop, config
from tests.fake_jenkins.builds import BuildScript
from tests.fake_jenkins.messages import Request
from tests.running import Run

_RUNNING = BuildScript(["working\n"], is_manual=True)


def _is_deletion(request: Request) -> bool:
    return request.method == "POST" and request.path.endswith("/doDelete") and "cictl-lock" not in request.path


@pytest.mark.parametrize("store", ["2.516", "2.555"])
def test_what_git_no_longer_makes_goes_and_is_kept(tmp_path: Path, run: Run, store: str) -> None:
    shop = Shop(tmp_path / "platform", store=store)
    shop.ours({"shop/ci/web": PIPELINE, "shop/old": FOLDER, "shop/old/a": PIPELINE, "shop/old/mb": MULTIBRANCH})
    shop.our_view("shop/gone")
    shop.fake.start_build("shop/old/a").finish("SUCCESS")
    shop.fake.put("shop/theirs", config(FREESTYLE, owner=None))
    status, document = shop.told(run, "prune", "--yes", "--max-delete", "4")
    assert status == ExitCode.OK
    assert [(each["name"], each["result"]) for each in document["jobs"]] == [
        ("shop/gone", "deleted"),
        ("shop/old/a", "deleted"),
        ("shop/old/mb", "deleted"),
    ]
    assert shop.jobs() == {"shop/ci/web", "shop/old"}
    assert "gone" not in shop.fake.views("shop")
    kept = Path(document["backup"]) / "jobs" / "shop" / "jobs" / "old" / "jobs" / "a"
    assert (kept / "nextBuildNumber").read_text() == "2\n"
    assert "cictl: owned by" in (kept / "config.xml").read_text()
    assert shop.recorded() == {"shop/ci/web", "shop/old"}
    assert "shop/admin/cictl-lock" not in shop.fake.jobs()
    shop.close()


def test_a_folder_goes_after_what_is_in_it(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/web": PIPELINE, "shop/ci/old": FOLDER, "shop/ci/old/a": PIPELINE, "shop/ci/old/B": PIPELINE})
    assert shop.results(run, "prune", "--yes", "--max-delete", "100%") == (
        ExitCode.OK,
        {"shop/ci/old/B": "deleted", "shop/ci/old/a": "deleted", "shop/ci/old": "deleted"},
    )
    assert shop.jobs() == {"shop/ci/web"}
    assert shop.kept() == {"shop/ci/old", "shop/ci/old/a", "shop/ci/old/B"}


def test_a_plan_changes_nothing(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/old": PIPELINE})
    before = shop.writes()
    outcome = shop.run(run, "prune", "--dry-run")
    assert outcome.status == ExitCode.OK
    assert "delete  job   shop/ci/old  deletes its builds" in outcome.stdout
    assert shop.writes() == before
    assert shop.kept() == set()


def test_off_a_terminal_it_takes_a_yes(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/old": PIPELINE})
    outcome = shop.run(run, "prune")
    assert outcome.status == ExitCode.USAGE
    assert "--yes" in outcome.stderr
    assert shop.jobs() == {"shop/ci/old"}


def test_too_many_at_once_is_none(shop: Shop, run: Run) -> None:
    shop.ours({f"shop/ci/old{number}": PIPELINE for number in range(7)})
    outcome = shop.run(run, "prune", "--yes")
    assert outcome.status == ExitCode.USAGE
    assert "7 jobs would be deleted of 7 that are ours, and at most 1" in outcome.stderr
    assert "--max-delete 7" in outcome.stderr
    planned = shop.run(run, "prune", "--dry-run")
    assert (planned.status, "without --dry-run this is refused: 7 jobs would be deleted" in planned.stderr) == (0, True)
    assert len(shop.jobs()) == 7
    assert shop.results(run, "prune", "--yes", "--job", "shop/ci/old3")[0] == ExitCode.OK
    assert "shop/ci/old3" not in shop.jobs()


def test_views_do_not_count(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/old": PIPELINE})
    for number in range(3):
        shop.our_view(f"shop/v{number}")
    status, results = shop.results(run, "prune", "--yes")
    assert (status, len(results)) == (ExitCode.OK, 4)


def test_what_was_pruned_before_is_no_error_and_what_never_was_is_one(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/web": PIPELINE, "shop/ci/old": PIPELINE})
    assert shop.results(run, "prune", "--yes", "--job", "shop/ci/old") == (ExitCode.OK, {"shop/ci/old": "deleted"})
    again = shop.run(run, "prune", "--yes", "--job", "shop/ci/old")
    assert (again.status, "--job shop/ci/old: nothing is left to delete" in again.stderr) == (ExitCode.OK, True)
    never = shop.run(run, "prune", "--yes", "--job", "shop/ci/old", "--job", "shop/ci/odl")
    assert (never.status, "did you mean 'shop/ci/old'?" in never.stderr) == (ExitCode.USAGE, True)
    elsewhere = shop.run(run, "prune", "--yes", "--job", "shop/ci/old", "--backup-dir", str(shop.folder / "none"))
    assert elsewhere.status == ExitCode.USAGE
    assert f"none that was pruned from {shop.folder / 'none'}" in elsewhere.stderr


def test_a_limit_that_is_none(shop: Shop, run: Run) -> None:
    assert shop.run(run, "prune", "--max-delete", "few").status == ExitCode.USAGE


def _reason(shop: Shop, run: Run, name: str) -> str:
    status, document = shop.told(run, "prune", "--yes")
    assert status == ExitCode.OK
    assert name in shop.fake.jobs()
    [found] = [each for each in document["jobs"] if each["name"] == name]
    assert found["action"] == "keep"
    return str(found["reason"])


def test_what_runs_stays(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/old": PIPELINE})
    shop.fake.start_build("shop/ci/old", _RUNNING)
    shop.fake.start_build("shop/ci/old").finish("SUCCESS")
    assert _reason(shop, run, "shop/ci/old") == "something runs or waits: #1 runs"


def test_what_waits_to_be_built_stays(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/old": PIPELINE})
    shop.fake.controller.is_quieting = shop.fake.controller.queue.is_held = True
    with shop.live() as live:
        live.connection.post("/job/shop/job/ci/job/old/build")
    assert _reason(shop, run, "shop/ci/old") == "something runs or waits: waits to be built"


def _branches(shop: Shop, *names: str) -> None:
    for name in names:
        shop.fake.push(REPO, name)
    with shop.live() as live:
        live.connection.post("/job/shop/job/ci/job/mb/build", {"delay": "0"})


def test_a_branch_that_runs_keeps_its_project(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/mb": MULTIBRANCH})
    _branches(shop, "main", "feature/x")
    for name in ("main", "feature%2Fx"):
        shop.fake.start_build(f"shop/ci/mb/{name}", _RUNNING)
    assert "feature%2Fx #" in _reason(shop, run, "shop/ci/mb")


def test_branch_jobs_are_named_and_not_counted(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/mb": MULTIBRANCH})
    _branches(shop, "main", "feature/x")
    for name in ("main", "feature%2Fx"):
        for build in shop.fake.job(f"shop/ci/mb/{name}").builds:
            build.finish("SUCCESS")
    status, document = shop.told(run, "prune", "--dry-run")
    assert status == ExitCode.OK
    [found] = document["jobs"]
    assert (found["name"], document["owned"]) == ("shop/ci/mb", 1)
    assert found["warnings"] == ["its own jobs go too, and come back only by a scan: feature%2Fx, main"]
    assert shop.results(run, "prune", "--yes") == (ExitCode.OK, {"shop/ci/mb": "deleted"})


def test_beside_a_job_of_others_nothing_goes(shop: Shop, run: Run) -> None:
    shop.ours({"shop/old": PIPELINE})
    assert _reason(shop, run, "shop/old") == "its folder shop holds jobs of others: shop/theirs"


def test_a_copy_of_ours_is_not_ours(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/web": PIPELINE})
    with shop.live() as live:
        query = {"name": "web-of-mine", "mode": "copy", "from": "/shop/ci/web"}
        live.connection.post(f"{item_path('shop/ci')}/createItem", query)
    assert "may be a copy" in _reason(shop, run, "shop/ci/web-of-mine")


def test_capitals_are_no_difference(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/WEB": PIPELINE})
    outcome = shop.run(run, "prune", "--yes")
    assert (outcome.status, outcome.stdout) == (ExitCode.OK, "Nothing to prune: Git makes all that is ours.\n")


def test_an_empty_tree_is_an_error(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/old": PIPELINE})
    shop.tree.write_text("[]")
    assert shop.run(run, "prune", "--yes").status == ExitCode.CONFIG
    assert shop.jobs() == {"shop/ci/old"}


def test_jobs_of_another_tree_stay(shop: Shop, run: Run) -> None:
    shop.fake.put("shop/ci/a", config(PIPELINE, owner="shop"))
    shop.record("shop/ci/a")
    assert shop.run(run, "prune", "--yes").stdout == "Nothing to prune: Git makes all that is ours.\n"


def test_what_moves_after_the_plan_stays(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/a": PIPELINE, "shop/ci/b": PIPELINE, "shop/ci/c": PIPELINE, "shop/ci/d": PIPELINE})

    def edit(_: int, request: Request) -> None:
        if request.path.endswith("/createItem"):  # the lock: what was planned is going to be done
            shop.fake.put("shop/ci/a", config(PIPELINE, rest="<quietPeriod>7</quietPeriod>"))
            shop.fake.start_build("shop/ci/b", _RUNNING)
            shop.fake.put("shop/ci/c", config(PIPELINE, owner="somebody else"))

    shop.fake.faults.on_request = edit
    status, document = shop.told(run, "prune", "--yes", "--max-delete", "4")
    assert status == ExitCode.CONFLICT
    assert [(each["result"], each["detail"]) for each in document["jobs"]] == [
        ("conflict", "it was changed since"),
        ("conflict", "something runs or waits: #1 runs"),
        ("conflict", "it was changed since"),
        ("deleted", None),
    ]
    assert shop.jobs() == {"shop/ci/a", "shop/ci/b", "shop/ci/c"}


def test_a_lost_answer_is_looked_up(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/a": PIPELINE, "shop/ci/b": PIPELINE})
    shop.fake.faults.drop_after(_is_deletion)
    expected = {"shop/ci/a": "deleted", "shop/ci/b": "deleted"}
    assert shop.results(run, "prune", "--yes", "--max-delete", "2") == (ExitCode.OK, expected)
    assert shop.jobs() == set()


def test_a_lost_request_is_told(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/a": PIPELINE, "shop/ci/b": PIPELINE})
    shop.fake.faults.drop_before(_is_deletion)
    status, results = shop.results(run, "prune", "--yes", "--max-delete", "2")
    assert (status, results) == (ExitCode.FAR_SIDE_FAILED, {"shop/ci/a": "failed", "shop/ci/b": "deleted"})
    assert shop.jobs() == {"shop/ci/a"}
    assert shop.kept() == {"shop/ci/a", "shop/ci/b"}


def test_a_jenkins_that_goes_away_is_not_asked_for_each(shop: Shop, run: Run) -> None:
    shop.ours({f"shop/ci/a{number}": PIPELINE for number in range(5)})
    shop.fake.faults.drop_after(_is_deletion)

    def away(_: int, request: Request) -> None:
        if _is_deletion(request):
            shop.fake.faults.drop_before(times=1000)

    shop.fake.faults.on_request = away
    status, results = shop.results(run, "prune", "--yes", "--max-delete", "5")
    assert status == ExitCode.UNREACHABLE
    assert list(results.values()) == ["unknown", "skipped", "skipped", "skipped", "skipped"]
    assert shop.jobs() == {f"shop/ci/a{number}" for number in range(5)} | {"shop/admin/cictl-lock"}


def test_a_missing_right_is_named(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/a": PIPELINE})
    for name in ("shop", "other"):
        shop.fake.grant(name, "dev", "Item.Read", "Item.Create", "Item.Configure")
    shop.fake.grant("shop/admin", "dev", "Item.Delete")
    shop.foreign["other"] = shop.fake.jobs()["other"]
    shop.sign_in("dev")
    status, document = shop.told(run, "prune", "--yes")
    assert status == ExitCode.FAR_SIDE_FAILED
    assert "it needs Job/Delete" in document["jobs"][0]["detail"]
    assert shop.jobs() == {"shop/ci/a"}


def test_nothing_goes_without_a_backup(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/a": PIPELINE})
    (shop.folder / "file").write_text("")
    outcome = shop.run(run, "prune", "--yes", "--backup-dir", str(shop.folder / "file" / "x"))
    assert outcome.status == ExitCode.NOT_ALLOWED
    assert "--backup-dir" in outcome.stderr
    assert shop.jobs() == {"shop/ci/a"}


def test_one_run_at_a_time(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/a": PIPELINE})
    with shop.live() as live, live.lock.held():
        outcome = shop.run(run, "prune", "--yes")
    assert outcome.status == ExitCode.CONFLICT
    assert "writes jobs" in outcome.stderr
    assert shop.jobs() == {"shop/ci/a"}


def test_a_run_whose_lock_was_taken_ends(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/a": PIPELINE, "shop/ci/b": PIPELINE})

    def take_over(_: int, request: Request) -> None:
        if _is_deletion(request):
            other = replace(read_lock(shop.fake.jobs()["shop/admin/cictl-lock"]), holder="other", who="somebody else")
            shop.fake.put("shop/admin/cictl-lock", lock_xml(other))

    shop.fake.faults.on_request = take_over
    status, document = shop.told(run, "prune", "--yes", "--max-delete", "2")
    assert status == ExitCode.CONFLICT
    assert [each["result"] for each in document["jobs"]] == ["deleted", "conflict"]
    assert "somebody else took over" in document["jobs"][1]["detail"]
    assert shop.jobs() == {"shop/ci/b", "shop/admin/cictl-lock"}, "the lock is theirs"


def test_secrets_that_this_user_is_not_shown_are_missing_in_the_backup(shop: Shop, run: Run) -> None:
    secret = "<properties><x.Y><password>********</password></x.Y></properties>"
    shop.fake.put("shop/ci/a", config(PIPELINE, rest=secret))
    shop.record("shop/ci/a")
    _, document = shop.told(run, "prune", "--dry-run")
    assert "the backup lacks them" in json.dumps(document)


def test_two_trees_of_one_name_do_not_prune_each_other(shop: Shop, run: Run, tmp_path: Path) -> None:
    def tree(name: str, *arguments: str) -> tuple[int, str]:
        jobs = str(tmp_path / name / "jobs")
        outcome = run("jobs", *arguments, "-r", jobs, "--yes", app=brisk_app(tmp_path / name, environ))
        return outcome.status, outcome.stderr

    environ = {**shop.environ, "JENKINS_URL": shop.fake.url}
    for name in ("ours", "theirs"):
        (tmp_path / name / "jobs").mkdir(parents=True)
        (tmp_path / name / "jobs" / "a.yaml").write_text(f"- job: {{name: {name}, project-type: freestyle}}\n")
        assert tree(name, "apply")[0] == ExitCode.OK
    status, said = tree("ours", "prune")
    assert status == ExitCode.USAGE
    assert "--owner 'cictl: jobs'" in said
    assert {"ours", "theirs"} <= shop.jobs()
    assert tree("ours", "prune", "--owner", "cictl: jobs")[0] == ExitCode.OK
    assert "theirs" not in shop.jobs()
