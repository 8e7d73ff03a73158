"""A planned deletion is judged by what is there: at the plan, and again before it is done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cictl.core.job_marks import put_mark
from cictl.core.job_plan import ItemKey
from cictl.core.job_prune import Found, Leftover
from cictl.core.job_removal import CHANGED, Removal, Seen, reason_not_to, removal_of, settled
from cictl.core.job_three_way import Base

OWNER = "shop"
FOLDER = "com.cloudbees.hudson.plugins.folder.Folder"
MULTIBRANCH = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"
LEFTOVER = Leftover(Found(ItemKey("shop/ci/a"), OWNER))


def _xml(rest: str = "", *, owner: str = OWNER, tag: str = "flow-definition") -> str:
    description = put_mark("Builds.", owner).replace("<", "&lt;")
    return f"<{tag}><description>{description}</description>{rest}</{tag}>"


def _removal(seen: Seen | None, leftover: Leftover = LEFTOVER, base: Base | None = None) -> Removal:
    return removal_of(leftover, seen, owner=OWNER, base=base)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        pytest.param(Seen(None), "it is gone already", id="gone"),
        pytest.param(Seen("<flow-definition>"), "not a document that Jenkins can load", id="malformed"),
        pytest.param(Seen(_xml(owner="other")), "does not bear our mark", id="marked-by-another"),
        pytest.param(Seen(_xml(), ("#12 runs",)), "something runs or waits: #12 runs", id="running"),
    ],
)
def test_what_stays(seen: Seen, words: str) -> None:
    assert words in (_removal(seen).stays or "")


def test_what_a_deletion_takes_with_it() -> None:
    removal = _removal(Seen(_xml()))
    assert (removal.stays, removal.kind, removal.entails) == (None, "job", ("deletes its builds",))
    assert removal.warnings == ()


def test_branch_jobs_are_named_in_the_warning() -> None:
    leftover = Leftover(Found(ItemKey("shop/ci/a"), OWNER, is_computed=True))
    removal = _removal(Seen(_xml(tag=MULTIBRANCH), branches=("main", "dev", "x", "y")), leftover)
    assert removal.kind == "computed folder"
    assert removal.warnings == ("its own jobs go too, and come back only by a scan: dev, main, x and 1 more",)


def test_an_edit_is_said() -> None:
    base = Base(_xml(), _xml())
    assert "edited in Jenkins" in _removal(Seen(_xml("<quietPeriod>7</quietPeriod>")), base=base).warnings[0]


def test_hidden_secrets_are_said() -> None:
    removal = _removal(Seen(_xml("<properties><x.Y><password>********</password></x.Y></properties>")))
    assert "the backup lacks them" in removal.warnings[0]


def test_a_folder_stays_around_what_stays() -> None:
    inner = Removal(ItemKey("x/y"), is_folder=True)
    busy = Removal(ItemKey("x/Y/a"), stays="#1 runs")
    outer = Removal(ItemKey("x"), is_folder=True)
    beside = Removal(ItemKey("x/z"))
    found = settled([busy, inner, beside, outer])
    assert [each.stays for each in found] == ["#1 runs", "it holds what stays: x/Y/a", None, "it holds what stays: x/y"]


_PLANNED = _removal(Seen(_xml()))


@pytest.mark.parametrize(
    ("seen", "inside", "reason"),
    [
        pytest.param(Seen(_xml()), (), None, id="as-it-was"),
        pytest.param(Seen(_xml("<keepDependencies>false</keepDependencies>")), (), None, id="saved-again"),
        pytest.param(Seen(None), (), None, id="gone"),
        pytest.param(Seen(_xml("<quietPeriod>7</quietPeriod>")), (), CHANGED, id="edited"),
        pytest.param(Seen(_xml(owner="other")), (), CHANGED, id="adopted-by-another"),
        pytest.param(Seen(_xml(), ("#3 runs",)), (), "something runs or waits: #3 runs", id="started"),
        pytest.param(Seen(_xml()), ("shop/ci/a/new",), "it holds shop/ci/a/new", id="filled"),
    ],
)
def test_a_last_look(seen: Seen, inside: tuple[str, ...], reason: str | None) -> None:
    assert reason_not_to(_PLANNED, seen, owner=OWNER, inside=inside) == reason


def test_a_folder_loses_jobs_out_of_its_views_on_the_way() -> None:
    view = "<hudson.model.ListView><jobNames>{}</jobNames></hudson.model.ListView>"
    views = f"<folderViews><views>{view}</views></folderViews>"
    leftover = Leftover(Found(ItemKey("x"), OWNER, is_folder=True))
    removal = _removal(Seen(_xml(views.format("<string>a</string>"), tag=FOLDER)), leftover)
    assert reason_not_to(removal, Seen(_xml(views.format(""), tag=FOLDER)), owner=OWNER) is None
    assert reason_not_to(removal, Seen(_xml("<icon class='x.Y'/>", tag=FOLDER)), owner=OWNER) == CHANGED


def test_a_last_look_at_what_can_no_longer_be_read() -> None:
    assert "not a document" in (reason_not_to(replace(_PLANNED), Seen("<"), owner=OWNER) or "")
