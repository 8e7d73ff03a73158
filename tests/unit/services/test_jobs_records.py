"""Records in jobs of Jenkins: kept, found again, spread over several jobs, and no obstacle when damaged."""

from __future__ import annotations

import random

import pytest

from cictl.core.job_keeping import shard_xml
from cictl.core.job_plan import ItemKey
from cictl.core.job_records import Intent
from cictl.core.job_three_way import Base
from cictl.errors import Conflict
from cictl.services import jobs_records
from cictl.services.jobs_records import JobRecords
from tests.unit.services.jobs_in_memory import JobsInMemory

KEY, OTHER = ItemKey("shop/a"), ItemKey("shop/a", is_view=True)
BASE = Base("<project/>", "<project><x/></project>")
STATE = "shop/admin/cictl-state"


def _records(jobs: JobsInMemory, told: list[str] | None = None) -> JobRecords:
    return JobRecords(jobs, jobs, "shop", (told if told is not None else []).append)


def test_what_is_kept_is_found_by_another_run() -> None:
    jobs = JobsInMemory()
    _records(jobs).keep({KEY: BASE, OTHER: BASE})
    found = _records(jobs)
    assert dict(found.bases()) == {KEY: BASE, OTHER: BASE}
    found.forget([KEY])
    assert dict(_records(jobs).bases()) == {OTHER: BASE}


def test_what_is_expected_is_the_base_until_it_is_kept() -> None:
    jobs = JobsInMemory()
    records = _records(jobs)
    records.expect({KEY: Intent("<project/>", "<project><y/></project>")})
    assert _records(jobs).bases()[KEY] == Base("<project/>", "<project><y/></project>")
    records.keep({KEY: BASE})
    assert _records(jobs).records()[KEY].pending == ""


def test_nothing_is_written_for_nothing() -> None:
    jobs = JobsInMemory()
    _records(jobs).keep({})
    _records(jobs).forget([KEY])
    assert jobs.jobs == {}


def test_many_are_spread_and_only_what_moved_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs_records, "LARGEST_SHARD", 2000)
    jobs = JobsInMemory()
    random.seed(1)
    bases = {ItemKey(f"shop/{number}"): Base(f"<a>{random.getrandbits(2000)}</a>", "<a/>") for number in range(12)}
    _records(jobs).keep(bases)
    assert len(jobs.jobs) == 3
    assert dict(_records(jobs).bases()) == bases
    jobs.asked.clear()
    first = ItemKey("shop/0")
    _records(jobs).keep({first: BASE})
    assert [each for each in jobs.asked if "read" not in each] == [f"update {STATE}"]
    assert dict(_records(jobs).bases()) == bases | {first: BASE}


@pytest.mark.parametrize("answer", ["create", "update"])
def test_a_lost_answer_is_sent_again(answer: str) -> None:
    jobs = JobsInMemory()
    if answer == "update":
        _records(jobs).keep({OTHER: BASE})
    jobs.lost = {f"{answer} {STATE}"}
    _records(jobs).keep({KEY: BASE})
    assert _records(jobs).bases()[KEY] == BASE


@pytest.mark.parametrize("xml", ["<flow-def", "<project/>", "<html><body>Sign in</body></html>"])
def test_what_holds_no_records_is_not_written_over(xml: str) -> None:
    records = _records(JobsInMemory({STATE: xml}))
    with pytest.raises(Conflict, match="holds no records"):
        records.keep({KEY: BASE})


def test_records_that_were_not_seen_are_not_written_over() -> None:
    jobs = JobsInMemory()
    records = _records(jobs)
    assert dict(records.bases()) == {}
    _records(jobs).keep({OTHER: BASE})
    with pytest.raises(Conflict, match="was not a moment ago"):
        records.keep({KEY: BASE})
    assert dict(_records(jobs).bases()) == {OTHER: BASE}


@pytest.mark.parametrize("xml", [shard_xml("{}"), shard_xml("oops")])
def test_damaged_records_are_said_and_made_anew(xml: str) -> None:
    told: list[str] = []
    jobs = JobsInMemory({STATE: xml})
    records = _records(jobs, told)
    assert dict(records.bases()) == {}
    assert STATE in told[0]
    records.keep({KEY: BASE})
    assert _records(jobs).bases()[KEY] == BASE


def test_records_of_a_newer_cictl_are_left_alone() -> None:
    jobs = JobsInMemory({STATE: shard_xml('{"version":9,"jobs":{}}')})
    with pytest.raises(Conflict, match="version 9"):
        _records(jobs).bases()
