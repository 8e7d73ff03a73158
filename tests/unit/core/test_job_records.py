"""Records of last writes: kept as text, read back, and judged where a run died between writing and recording."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.job_plan import Action, ItemKey, plan_job
from cictl.core.job_records import (
    Intent,
    Record,
    base_for,
    digest,
    read_shard,
    record_of,
    shard_text,
    written_base,
)
from cictl.core.job_three_way import Base

KEY = ItemKey("shop/ci/checkout")
MARK = "&lt;!-- cictl: owned by shop --&gt;"


def _job(cron: str = "H 2 * * *", quiet: str = "1", *, is_saved: bool = False) -> str:
    added = "<keepDependencies>false</keepDependencies>" if is_saved else ""
    head = "<?xml version='1.1' encoding='UTF-8'?>\n" if is_saved else ""
    return (
        f"{head}<flow-definition><description>{MARK}</description>{added}<properties>"
        "<org.jenkinsci.plugins.workflow.job.properties.PipelineTriggersJobProperty><triggers>"
        f"<hudson.triggers.TimerTrigger><spec>{cron}</spec></hudson.triggers.TimerTrigger></triggers>"
        "</org.jenkinsci.plugins.workflow.job.properties.PipelineTriggersJobProperty></properties>"
        f"<quietPeriod>{quiet}</quietPeriod></flow-definition>"
    )


OLD = Base(_job(), _job(is_saved=True))
NEW = _job("H 4 * * *")
EDITED = _job(quiet="9", is_saved=True)


def test_a_whole_write_is_known_without_unpacking_it() -> None:
    record = Record(digest(OLD.sent), digest(OLD.saved), texts="never unpacked")
    assert base_for(record, desired=OLD.sent, live=OLD.saved) == OLD


@pytest.mark.parametrize(
    ("desired", "live"),
    [
        pytest.param(NEW, OLD.saved, id="git-moved"),
        pytest.param(OLD.sent, EDITED, id="jenkins-moved"),
        pytest.param(None, OLD.saved, id="no-longer-wanted"),
        pytest.param(OLD.sent, None, id="deleted"),
    ],
)
def test_texts_come_back_where_something_moved(desired: str | None, live: str | None) -> None:
    assert base_for(record_of(OLD), desired=desired, live=live) == OLD


_INTENT = Intent(NEW, NEW)


@pytest.mark.parametrize(
    ("record", "live", "action"),
    [
        pytest.param(record_of(OLD), OLD.saved, Action.UPDATE, id="killed-before-it-was-sent"),
        pytest.param(record_of(OLD), NEW, Action.UNCHANGED, id="killed-after-it-was-sent"),
        pytest.param(record_of(OLD), _job("H 4 * * *", is_saved=True), Action.UNCHANGED, id="and-saved"),
        pytest.param(record_of(OLD), EDITED, Action.CONFLICT, id="not-sent-and-edited"),
        pytest.param(record_of(OLD), _job("H 4 * * *", "9", is_saved=True), Action.DRIFTED, id="sent-and-edited"),
        pytest.param(Record(), NEW, Action.UNCHANGED, id="created"),
        pytest.param(Record(), _job("H 4 * * *", "9"), Action.DRIFTED, id="created-and-edited"),
        pytest.param(Record(), None, Action.CREATE, id="not-created"),
    ],
)
def test_a_write_that_was_under_way_is_recognised(record: Record, live: str | None, action: Action) -> None:
    base = base_for(record.expecting(_INTENT), desired=NEW, live=live)
    assert plan_job(KEY, desired=NEW, base=base, live=live, owner="shop").action is action


def test_what_was_kept_of_jenkins_stays_jenkins_own() -> None:
    steps = (("quietPeriod",),)
    saved = _job("H 4 * * *", "9", is_saved=True)
    base = written_base(NEW, saved, old=OLD, kept=steps)
    plan = plan_job(KEY, desired=NEW, base=base, live=saved, owner="shop")
    assert plan.action is Action.DRIFTED
    pending = record_of(OLD).expecting(Intent(NEW, saved, steps))
    found = base_for(pending, desired=NEW, live=saved)
    assert plan_job(KEY, desired=NEW, base=found, live=saved, owner="shop").action is Action.DRIFTED


_TEXTS = st.text(max_size=40)
_KEYS = st.builds(ItemKey, st.text(max_size=20), st.booleans())


@given(st.dictionaries(_KEYS, st.builds(Base, _TEXTS, _TEXTS), max_size=4), _TEXTS)
def test_records_are_read_back_as_they_were(bases: dict[ItemKey, Base], text: str) -> None:
    records = {key: record_of(base).expecting(Intent(text, text, (("a", "b[c]"),))) for key, base in bases.items()}
    written = shard_text(records)
    assert "*/" not in written
    assert read_shard(written) == records


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version": 2, "jobs": {}}',
        '{"version": 1, "jobs": {"x": []}}',
        '{"version": 1, "jobs": {"job:x": ["", "", 3, ""]}}',
    ],
)
def test_what_holds_no_records_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_shard(text)


def test_a_secret_is_not_kept() -> None:
    xml = "<project><authToken>canary-77</authToken></project>"
    record = record_of(Base(xml, xml))
    assert record.base is not None
    assert "canary-77" not in json.dumps([record.base.sent, record.base.saved])
