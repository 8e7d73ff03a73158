"""`cictl jobs restore` against the fake Jenkins: what prune took comes back, and nothing is written over."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cictl.core.job_changes import compare_configs
from cictl.errors import ExitCode
from tests.contract.jobs_shop import FOLDER, FREESTYLE, MULTIBRANCH, PIPELINE, VIEW, Shop, config
from tests.fake_jenkins.messages import Request
from tests.running import Run

_OLD = {"shop/ci/old": FOLDER, "shop/ci/old/a": PIPELINE, "shop/ci/old/mb": MULTIBRANCH}


def _pruned(shop: Shop, run: Run) -> str:
    """Prune all that is ours, and return the name of the backup."""
    status, document = shop.told(run, "prune", "--yes", "--max-delete", "100%")
    assert status == ExitCode.OK
    return Path(document["backup"]).name


def _creates(request: Request) -> bool:
    return request.method == "POST" and request.path.endswith("/createItem") and "admin" not in request.path


@pytest.mark.parametrize("store", ["2.516", "2.555"])
def test_what_was_pruned_comes_back(tmp_path: Path, run: Run, store: str) -> None:
    shop = Shop(tmp_path / "platform", store=store)
    shop.ours({"shop/ci/web": PIPELINE, **_OLD})
    shop.our_view("shop/gone")
    for _ in range(3):
        shop.fake.start_build("shop/ci/old/a").finish("SUCCESS")
    before = shop.fake.jobs()
    backup = _pruned(shop, run)
    assert shop.jobs() == {"shop/ci/web"}
    shop.fake.controller.plugins["next-build-number"] = "1.8"
    status, document = shop.told(run, "restore", backup, "--yes")
    assert status == ExitCode.OK
    assert [(each["name"], each["result"], each["detail"]) for each in document["jobs"]] == [
        ("shop/gone", "restored", None),
        ("shop/ci/old", "restored", None),
        ("shop/ci/old/a", "restored", "its next build is #4"),
        ("shop/ci/old/mb", "restored", None),
    ]
    there = shop.fake.jobs()
    assert [name for name in before if compare_configs(before[name], there[name])] == ["shop/admin/cictl-state"]
    assert shop.fake.job("shop/ci/old/a").next_build_number == 4
    assert shop.fake.views("shop")["gone"] == "hudson.model.ListView"
    assert shop.recorded() == {"shop/ci/web", "shop/gone", *_OLD}
    assert _pruned(shop, run), "it is ours as it was"
    shop.close()


def test_without_the_plugin_numbers_start_anew_and_that_is_said(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/old": PIPELINE})
    shop.fake.start_build("shop/ci/old").finish("SUCCESS")
    backup = _pruned(shop, run)
    outcome = shop.run(run, "restore", backup, "--dry-run")
    assert "its build #1 is gone" in outcome.stdout
    status, document = shop.told(run, "restore", backup, "--yes")
    assert status == ExitCode.OK
    assert document["jobs"][0]["detail"].startswith("its builds start at #1 again, not #2")


def test_one_job_brings_its_folder(shop: Shop, run: Run) -> None:
    shop.ours(_OLD)
    backup = _pruned(shop, run)
    expected = {"shop/ci/old": "restored", "shop/ci/old/a": "restored"}
    assert shop.results(run, "restore", backup, "--job", "*/a", "--yes") == (ExitCode.OK, expected)
    assert shop.jobs() == {"shop/ci/old", "shop/ci/old/a"}


@pytest.mark.parametrize("words", [(), ("--dry-run",)], ids=["restore", "dry-run"])
def test_a_glob_that_matches_nothing_in_the_backup(shop: Shop, run: Run, words: tuple[str, ...]) -> None:
    shop.ours(_OLD)
    outcome = shop.run(run, "restore", _pruned(shop, run), "--job", "*/a", "--job", "shop/ci/odl", "--yes", *words)
    assert (outcome.status, "--job shop/ci/odl matches nothing in the backup" in outcome.stderr) == (
        ExitCode.USAGE,
        True,
    )


def test_what_is_there_stays(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/a": PIPELINE, "shop/ci/b": PIPELINE, "shop/ci/c": PIPELINE})
    backup = _pruned(shop, run)
    shop.fake.put("shop/ci/A", config(PIPELINE, owner=None, description="Another."))
    shop.ours({"shop/ci/b": PIPELINE})
    assert shop.results(run, "restore", backup, "--dry-run")[1] == {
        "shop/ci/a": "present",
        "shop/ci/b": "unchanged",
        "shop/ci/c": "create",
    }
    status, results = shop.results(run, "restore", backup, "--yes")
    assert (status, results) == (ExitCode.CONFLICT, {"shop/ci/c": "restored"})
    assert "Another." in shop.fake.jobs()["shop/ci/A"]


def test_what_is_there_is_overwritten_when_told_and_kept_before(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/a": PIPELINE})
    backup = _pruned(shop, run)
    shop.fake.put("shop/ci/a", config(PIPELINE, owner=None, description="Another."))
    status, document = shop.told(run, "restore", backup, "--overwrite", "--yes")
    assert status == ExitCode.OK
    assert "Made." in shop.fake.jobs()["shop/ci/a"]
    assert "Another." in (Path(document["backup"]) / "jobs/shop/jobs/ci/jobs/a/config.xml").read_text()
    assert shop.results(run, "restore", Path(document["backup"]).name, "--overwrite", "--yes")[0] == ExitCode.OK
    assert "Another." in shop.fake.jobs()["shop/ci/a"]


def test_another_kind_of_job_stays(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/a": PIPELINE})
    backup = _pruned(shop, run)
    shop.fake.put("shop/ci/a", config(FREESTYLE, owner=None))
    status, results = shop.results(run, "restore", backup, "--overwrite", "--yes")
    assert (status, results) == (ExitCode.CONFLICT, {"shop/ci/a": "refused"})


def test_the_backups_are_listed(shop: Shop, run: Run) -> None:
    assert shop.run(run, "restore").stdout.startswith("No backups in ")
    shop.ours({"shop/ci/a": PIPELINE})
    backup = _pruned(shop, run)
    outcome = shop.run(run, "restore")
    assert outcome.status == ExitCode.OK
    assert [line.split() for line in outcome.stdout.splitlines()][1][0] == backup
    assert shop.run(run, "restore", "-o", "name").stdout == f"{backup}\n"
    found = shop.told(run, "restore")[1]["backups"]
    assert found[0]["jobs"] == [{"name": "shop/ci/a", "isView": False}]


def test_a_backup_that_is_not_there(shop: Shop, run: Run) -> None:
    assert shop.run(run, "restore", "20200101T000000Z").status == ExitCode.NOT_FOUND


def test_a_backup_of_another_jenkins(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/a": PIPELINE})
    backup = _pruned(shop, run)
    [place] = (shop.folder / "state" / "cictl" / "backups").glob(f"*/{backup}")
    about = json.loads((place / "backup.json").read_text())
    (place / "backup.json").write_text(json.dumps(about | {"url": "https://other.example.com"}))
    outcome = shop.run(run, "restore", str(place), "--yes")
    assert outcome.status == ExitCode.CONFIG
    assert "https://other.example.com" in outcome.stderr


def test_off_a_terminal_it_takes_a_yes(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/a": PIPELINE})
    backup = _pruned(shop, run)
    assert shop.run(run, "restore", backup).status == ExitCode.USAGE
    assert shop.jobs() == set()


@pytest.mark.parametrize("is_before", [True, False])
def test_a_lost_answer_is_looked_up(shop: Shop, run: Run, *, is_before: bool) -> None:
    shop.ours({"shop/ci/a": PIPELINE})
    backup = _pruned(shop, run)
    (shop.fake.faults.drop_before if is_before else shop.fake.faults.drop_after)(_creates)
    status, results = shop.results(run, "restore", backup, "--yes")
    if is_before:
        assert (status, results) == (ExitCode.FAR_SIDE_FAILED, {"shop/ci/a": "failed"})
        assert shop.results(run, "restore", backup, "--yes") == (ExitCode.OK, {"shop/ci/a": "restored"})
    else:
        assert (status, results) == (ExitCode.OK, {"shop/ci/a": "restored"})
    assert shop.jobs() == {"shop/ci/a"}


def test_what_is_in_a_folder_that_failed_is_not_tried(shop: Shop, run: Run) -> None:
    shop.ours(_OLD)
    backup = _pruned(shop, run)
    shop.fake.faults.drop_before(_creates)
    status, document = shop.told(run, "restore", backup, "--yes")
    assert status == ExitCode.FAR_SIDE_FAILED
    details = {each["name"]: each["detail"] for each in document["jobs"]}
    assert details["shop/ci/old/a"] == "its folder shop/ci/old is not back"
    assert shop.jobs() == set()


def test_a_name_that_was_taken_after_the_plan(shop: Shop, run: Run) -> None:
    shop.ours({"shop/ci/a": PIPELINE})
    backup = _pruned(shop, run)

    def take(_: int, request: Request) -> None:
        if request.path.endswith("/createItem"):  # the lock
            shop.fake.put("shop/ci/a", config(FREESTYLE, owner=None))

    shop.fake.faults.on_request = take
    assert shop.results(run, "restore", backup, "--yes") == (ExitCode.CONFLICT, {"shop/ci/a": "conflict"})
    assert "<project>" in shop.fake.jobs()["shop/ci/a"]


def test_what_no_plugin_has_any_more_is_said(shop: Shop, run: Run) -> None:
    gone = "<properties><hudson.plugins.nobody.Property><a>1</a></hudson.plugins.nobody.Property></properties>"
    shop.fake.put("shop/ci/a", config(PIPELINE, rest=gone))
    shop.record("shop/ci/a")
    backup = _pruned(shop, run)
    shop.fake.controller.always_saves = True
    status, document = shop.told(run, "restore", backup, "--yes")
    assert status == ExitCode.FAR_SIDE_FAILED
    assert "hudson.plugins.nobody.Property" in document["jobs"][0]["detail"]


def test_hidden_secrets_never_become_asterisks(shop: Shop, run: Run) -> None:
    secret = "<properties><x.Y><password>********</password></x.Y></properties>"
    shop.fake.put("shop/ci/a", config(PIPELINE, rest=secret))
    shop.record("shop/ci/a")
    backup = _pruned(shop, run)
    assert shop.results(run, "restore", backup, "--yes") == (ExitCode.CONFLICT, {"shop/ci/a": "refused"})
    status, document = shop.told(run, "restore", backup, "--lossy", "--dry-run")
    assert "comes back without its secrets" in document["jobs"][0]["notes"][0]
    assert shop.run(run, "restore", backup, "--lossy", "--yes").status == status == ExitCode.OK
    assert "*" not in shop.fake.jobs()["shop/ci/a"]


def test_a_view_that_came_with_its_folder_is_no_conflict(shop: Shop, run: Run) -> None:
    """A folder's configuration holds its views, so they may be back before it is their turn."""
    shop.our_view("shop/gone")
    backup = _pruned(shop, run)

    def come_back(_: int, request: Request) -> None:
        if request.path.endswith("/createItem"):  # the lock
            with shop.live() as live:
                live.items.create_view("shop/gone", config(VIEW))

    shop.fake.faults.on_request = _once(come_back)
    assert shop.results(run, "restore", backup, "--yes") == (ExitCode.OK, {"shop/gone": "restored"})


def _once(hook: Callable[[int, Request], None]) -> Callable[[int, Request], None]:
    """Return HOOK for the first creation alone."""
    done: list[Request] = []

    def first(number: int, request: Request) -> None:
        if request.path.endswith("/createItem") and not done:
            done.append(request)
            hook(number, request)

    return first
