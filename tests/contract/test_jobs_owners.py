"""Whose jobs are: trees of one name in two repositories are strangers, and marks of an earlier cictl are known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cictl.core.job_marks import owner_of
from cictl.core.job_plan import ItemKey
from cictl.core.job_three_way import Base
from cictl.core.job_xml import parse_config
from cictl.errors import ExitCode
from cictl.wiring.jobs import JobSource
from cictl.wiring.jobs_live import live_jobs
from tests.contract.bootstrap_platform import brisk_app
from tests.contract.jobs_shop import FOLDER, PIPELINE, Shop, config
from tests.files import replace_in
from tests.running import Outcome, Run

FORMER = "cictl: jobs"


class Repositories:
    """Two checkouts without a cictl.yaml, each with a tree called `jobs` that makes one job, called as the checkout."""

    def __init__(self, shop: Shop, folder: Path, run: Run) -> None:
        self.shop, self.folder, self._run = shop, folder, run
        self.environ = {**shop.environ, "JENKINS_URL": shop.fake.url}
        for name in ("ours", "theirs"):
            (folder / name / "jobs").mkdir(parents=True)
            self.make(name, name)

    def make(self, checkout: str, *names: str) -> None:
        text = "".join(f"- job: {{name: {name}, project-type: freestyle}}\n" for name in names)
        (self.folder / checkout / "jobs" / "a.yaml").write_text(text)

    def clone(self, address: str = "https://x:secret@git.example.com/{}.git") -> None:
        """Say that each checkout is of a repository of its own, as clones do."""
        for name in ("ours", "theirs"):
            (self.folder / name / ".git").mkdir()
            (self.folder / name / ".git" / "config").write_text(f'[remote "origin"]\n\turl = {address.format(name)}\n')

    def run(self, checkout: str, *words: str) -> Outcome:
        tree = str(self.folder / checkout / "jobs")
        return self._run("jobs", words[0], "-r", tree, *words[1:], app=brisk_app(self.folder / checkout, self.environ))

    def actions(self, checkout: str) -> dict[str, str]:
        document = json.loads(self.run(checkout, "plan", "-o", "json").stdout)
        return {each["name"]: each["action"] for each in document["jobs"] if each["name"] in {"ours", "theirs", "old"}}

    def owner(self, name: str) -> str | None:
        return owner_of(parse_config(self.shop.fake.jobs()[name]).text_of("description"))


@pytest.fixture
def both(tmp_path: Path, run: Run) -> Iterator[Repositories]:
    shop = Shop(tmp_path / "platform")
    yield Repositories(shop, tmp_path, run)
    shop.close()


def test_trees_of_one_name_in_two_repositories_are_strangers(both: Repositories) -> None:
    both.clone()
    for name in ("ours", "theirs"):
        assert both.run(name, "apply", "--yes").status == ExitCode.OK
        assert both.owner(name) == f"cictl: git.example.com/{name}//jobs"
    assert both.actions("ours") == {"ours": "unchanged", "theirs": "foreign"}
    assert both.run("ours", "prune", "--yes").stdout.startswith("Nothing to prune")
    both.make("ours", "new")
    assert both.actions("ours") == {"ours": "delete", "theirs": "foreign"}


def test_a_job_of_another_repository_is_not_taken(both: Repositories) -> None:
    both.clone()
    both.run("theirs", "apply", "--yes")
    both.make("ours", "theirs")
    outcome = both.run("ours", "apply", "--yes")
    assert outcome.status == ExitCode.CONFLICT
    assert "it belongs to cictl: git.example.com/theirs//jobs" in outcome.stdout


def test_marks_of_an_earlier_cictl_count_as_ours_and_are_moved(both: Repositories) -> None:
    both.make("ours", "ours", "old")
    for name in ("ours", "theirs"):
        assert both.run(name, "apply", "--yes").status == ExitCode.OK
        assert both.owner(name) == FORMER
    both.clone("git@git.example.com:{}.git")
    mine = "cictl: git.example.com/ours//jobs"
    plan = both.run("ours", "plan", "--detailed-exitcode")
    assert plan.status == ExitCode.OK, "nothing is to be written"
    assert f"2 of these bear the mark '{FORMER}'" in plan.stderr
    assert both.actions("ours")["ours"] == "unchanged"
    both.shop.fake.put("ours", both.shop.fake.item("ours").xml.replace("false</disabled>", "true</disabled>"))
    assert both.actions("ours")["ours"] == "drifted", "the record is still known"
    adopted = both.run("ours", "adopt", "--yes")
    assert adopted.status == ExitCode.OK, adopted.stdout
    assert (both.owner("ours"), both.owner("theirs")) == (mine, FORMER)
    assert both.actions("ours")["ours"] == "drifted"
    plan = both.run("ours", "plan")
    assert "of these bear" not in plan.stderr


def test_an_update_moves_the_mark(both: Repositories) -> None:
    both.run("ours", "apply", "--yes")
    both.clone()
    replace_in(both.folder / "ours" / "jobs" / "a.yaml", "freestyle", "freestyle, quiet-period: 7")
    assert both.actions("ours") == {"ours": "update"}
    assert both.run("ours", "apply", "--yes").status == ExitCode.OK
    assert both.owner("ours") == "cictl: git.example.com/ours//jobs"


def test_what_git_no_longer_makes_and_bears_the_common_mark_is_named_and_stays(both: Repositories) -> None:
    both.make("ours", "ours", "old")
    for name in ("ours", "theirs"):
        both.run(name, "apply", "--yes")
    both.clone()
    both.make("ours", "ours")
    for words in (["plan"], ["prune", "--yes"]):
        outcome = both.run("ours", *words)
        assert outcome.status == ExitCode.OK
        assert "it bears a mark that other trees of that name bore, too" in outcome.stdout
        assert "old" in outcome.stdout
    assert {"old", "theirs"} <= both.shop.jobs()
    assert both.run("ours", "prune", "--yes", "--owner", FORMER, "--job", "old").status == ExitCode.OK
    assert {"old", "theirs"} & both.shop.jobs() == {"theirs"}


def test_a_saved_plan_knows_the_former_mark(both: Repositories) -> None:
    both.run("ours", "apply", "--yes")
    both.clone()
    replace_in(both.folder / "ours" / "jobs" / "a.yaml", "freestyle", "freestyle, quiet-period: 7")
    saved = str(both.folder / "plan.json")
    assert both.run("ours", "plan", "--out", saved).status == ExitCode.OK
    outcome = both._run("jobs", "apply", saved, "--yes", app=brisk_app(both.folder / "ours", both.environ))
    assert (outcome.status, both.owner("ours")) == (ExitCode.OK, "cictl: git.example.com/ours//jobs")


def test_an_owner_that_cictl_yaml_names(tmp_path: Path, run: Run) -> None:
    shop = Shop(tmp_path / "platform")
    assert shop.run(run, "apply", "--yes").status == ExitCode.CONFLICT, "the folder is bootstrap's"
    path = shop.folder / "cictl.yaml"
    replace_in(path, "folder: shop", "folder: shop, owner: team-a")
    _, document = shop.told(run, "plan")
    assert document["owner"] == "team-a: tree"
    assert {each["name"]: each["action"] for each in document["jobs"]}["shop/ci/web"] == "unchanged"
    replace_in(path, "team-a", "a--b")
    refused = shop.run(run, "plan")
    assert (refused.status, "cannot stand in a comment" in refused.stderr) == (ExitCode.CONFIG, True)
    shop.close()


def test_an_owner_that_no_mark_can_name(both: Repositories) -> None:
    outcome = both.run("ours", "plan", "--owner", "a--b")
    assert outcome.status == ExitCode.USAGE
    assert "double hyphens" in outcome.stderr


def test_prune_beside_a_job_whose_mark_is_an_old_one(both: Repositories) -> None:
    both.clone()
    shop, mine = both.shop, "cictl: git.example.com/ours//jobs"
    shop.fake.put("team", config(FOLDER, owner=mine))
    for name, owner in (("team/a", FORMER), ("team/b", mine)):
        shop.fake.put(name, config(PIPELINE, owner=owner))
    both.make("ours", "team/a")
    jobs = shop.fake.jobs()
    with live_jobs(brisk_app(both.folder / "ours", both.environ), JobSource()) as live:
        live.items.create("admin", config(FOLDER, owner="cictl itself"))
        live.records.keep({ItemKey(name): Base(jobs[name], jobs[name]) for name in ("team", "team/a", "team/b")})
    assert both.run("ours", "prune", "--yes", "--max-delete", "1").status == ExitCode.OK
    assert shop.fake.controller.item("team/b") is None
