"""Adopting writes the description alone, and the first plan afterwards tells the truth about what Git will change."""

from __future__ import annotations

import shlex

import pytest
from jenkins_jobs.builder import JenkinsManager

from cictl.core.job_adoption import UNFINISHED, UNMARKED, Adoption, adopted_base, plan_adoption
from cictl.core.job_marks import BUILDER_MARK, owner_of, put_mark
from cictl.core.job_plan import Action, ItemKey, plan_job
from cictl.core.job_three_way import Base, Side
from cictl.core.job_write import CannotSend, marked, text_to_send
from cictl.core.job_xml import parse_config, serialise

OWNER = "shop"
KEY = ItemKey("shop/ci/checkout")
FOLDER = "com.cloudbees.hudson.plugins.folder.Folder"
_CREDENTIALS = "com.cloudbees.hudson.plugins.folder.properties.FolderCredentialsProvider_-FolderCredentialsProperty"
_LIBRARIES = "org.jenkinsci.plugins.workflow.libs.FolderLibraries"


def _job(description: str = BUILDER_MARK, rest: str = "") -> str:
    text = description.replace("<", "&lt;")
    return f"<flow-definition><description>{text}</description>{rest}</flow-definition>"


def _adoption(desired: str, live: str, *takes_from: str, base: Base | None = None) -> Adoption | None:
    return plan_adoption(KEY, desired=desired, live=live, owner=OWNER, base=base, takes_from=takes_from)


@pytest.mark.parametrize(
    ("live", "maker"),
    [
        pytest.param(_job(), "Job Builder", id="job-builder"),
        pytest.param(_job("mine"), "another tool or a person", id="by-hand"),
        pytest.param(_job(put_mark("mine", OWNER)), UNFINISHED, id="an-adoption-that-was-killed"),
    ],
)
def test_whose_it_was(live: str, maker: str) -> None:
    found = _adoption(_job(), live)
    assert found is not None
    assert (found.maker, found.refusal) == (maker, None)


def test_the_description_stays_and_bears_our_mark() -> None:
    found = _adoption(_job(), _job(f"Builds.{BUILDER_MARK}"))
    assert found is not None
    assert found.description.startswith(f"Builds.{BUILDER_MARK}")
    assert owner_of(found.description) == OWNER


def test_what_is_ours_is_not_adopted() -> None:
    assert _adoption(_job(), _job(put_mark("", OWNER)), base=Base(_job(), _job())) is None


def test_a_job_of_ours_whose_mark_was_lost_keeps_its_record() -> None:
    """Were what is there our last write, the edit in Jenkins would count as Git's."""
    live = _job("", "<quietPeriod>9</quietPeriod>")
    found = _adoption(_job(), live, base=Base(_job(""), _job("")))
    assert found is not None
    assert (found.maker, found.keeps_record) == (UNMARKED, True)
    assert found.after is not None
    assert Side.JENKINS in {each.side for each in found.after.fields}


def test_what_stands_in_a_mark_is_no_code_when_the_way_out_is_pasted() -> None:
    refused = _adoption(_job(), _job(put_mark("", "x'; reboot; '")))
    assert refused is not None
    *_, word = shlex.split((refused.refusal or "").partition(" say ")[2])
    assert word == "x'; reboot; '"


def test_what_another_cictl_manages_is_refused_unless_told() -> None:
    live = _job(put_mark("", "other team"))
    refused = _adoption(_job(), live)
    assert refused is not None
    assert "--from 'other team'" in (refused.refusal or "")
    assert refused.becomes == "refused"
    taken = _adoption(_job(), live, "other team")
    assert taken is not None
    assert (taken.refusal, owner_of(taken.description)) == (None, OWNER)


def test_another_kind_of_job_is_refused() -> None:
    found = _adoption("<project/>", _job())
    assert found is not None
    assert "cannot turn a pipeline into" in (found.refusal or "")


def test_a_document_that_nobody_can_read_is_refused() -> None:
    found = _adoption(_job(), "<flow-definition>")
    assert found is not None
    assert found.refusal


def test_what_git_will_change_is_said() -> None:
    found = _adoption(_job(rest="<quietPeriod>5</quietPeriod>"), _job(rest="<quietPeriod>9</quietPeriod>"))
    assert found is not None
    assert found.after is not None
    assert found.becomes == "update"
    assert [(each.side, each.jenkins, each.git) for each in found.after.fields] == [(Side.GIT, "9", "5")]


def _first_plan(desired: str, live: str) -> tuple[Action, str | CannotSend]:
    """Return what the first plan after an adoption says, and what it would send."""
    after = serialise(marked(parse_config(live), OWNER))
    base = adopted_base(desired, after)
    plan = plan_job(KEY, desired=desired, base=base, live=after, owner=OWNER)
    return plan.action, text_to_send(plan, base=base, live=after, owner=OWNER)


def test_nothing_to_do_where_jenkins_is_as_git_says() -> None:
    assert _first_plan(_job(), _job())[0] is Action.UNCHANGED


def test_a_job_that_is_disabled_stays_so() -> None:
    action, _ = _first_plan(_job(), _job(rest="<disabled>true</disabled>"))
    assert action is Action.DRIFTED
    action, sent = _first_plan(_job(rest="<quietPeriod>5</quietPeriod>"), _job(rest="<disabled>true</disabled>"))
    assert action is Action.UPDATE
    assert isinstance(sent, str)
    assert parse_config(sent).text_of("disabled") == "true"


_LIVE_FOLDER = (
    f"<{FOLDER}><description>x</description><properties><{_CREDENTIALS}><map><id>k</id></map></{_CREDENTIALS}>"
    f"<{_LIBRARIES}><libraries><a>1</a></libraries></{_LIBRARIES}></properties>"
    '<folderViews class="com.cloudbees.hudson.plugins.folder.views.DefaultFolderViewHolder"><views>'
    "<hudson.model.ListView><name>mine</name></hudson.model.ListView></views></folderViews>"
    f'<icon class="x.Mine"/></{FOLDER}>'
)


def test_a_folder_keeps_what_git_says_nothing_about() -> None:
    """Were the whole live document our last write, its libraries would count as taken away in Git."""
    action, sent = _first_plan(f"<{FOLDER}><description>y</description><properties/></{FOLDER}>", _LIVE_FOLDER)
    assert action is Action.UPDATE
    assert isinstance(sent, str)
    assert "<id>k</id>" in sent
    assert "<a>1</a>" in sent
    assert "<name>mine</name>" in sent
    assert 'class="x.Mine"' in sent


def test_a_folder_gets_what_git_says_of_its_libraries() -> None:
    desired = (
        f"<{FOLDER}><properties><{_LIBRARIES}><libraries><a>2</a></libraries></{_LIBRARIES}></properties></{FOLDER}>"
    )
    action, sent = _first_plan(desired, _LIVE_FOLDER)
    assert action is Action.UPDATE
    assert isinstance(sent, str)
    assert "<a>2</a>" in sent
    assert "<a>1</a>" not in sent
    assert "<id>k</id>" in sent


class _JobBuilder(JenkinsManager):  # type: ignore[misc]  # it has no types
    """Job Builder's own judgement of one job."""

    def __init__(self, xml: str) -> None:
        self.jenkins = self
        self._xml = xml

    def get_job_config(self, _name: str) -> str:
        return self._xml


def test_an_old_delete_old_of_job_builder_leaves_it_alone() -> None:
    found = _adoption(_job(), _job(f"Builds.{BUILDER_MARK}"))
    assert found is not None
    assert _JobBuilder(_job(f"Builds.{BUILDER_MARK}")).is_managed_job("a")
    assert not _JobBuilder(_job(found.description)).is_managed_job("a")
    assert not _JobBuilder(serialise(marked(parse_config(_job(f"x{BUILDER_MARK}")), OWNER))).is_managed_job("a")
