"""What comes back from a backup, in which order, and what does not."""

from __future__ import annotations

import pytest

from cictl.core.job_names import folded
from cictl.core.job_plan import ItemKey
from cictl.core.job_restore import Restoration, RestoreAction, SavedItem, chosen_items, plan_restore

FOLDER = "com.cloudbees.hudson.plugins.folder.Folder"
JOB = "<flow-definition><description>a</description></flow-definition>"
OTHER = "<flow-definition><description>b</description></flow-definition>"
HIDDEN = "<flow-definition><properties><x.Y><password>********</password></x.Y></properties></flow-definition>"


def _saved(name: str, xml: str = JOB, number: int | None = None) -> SavedItem:
    return SavedItem(ItemKey(name.removeprefix("view:"), is_view=name.startswith("view:")), xml, number)


TREE = (_saved("shop/ci/b"), _saved("shop/ci", f"<{FOLDER}/>"), _saved("shop", f"<{FOLDER}/>"), _saved("view:shop/v"))


def _names(chosen: tuple[SavedItem, ...]) -> list[str]:
    return [each.key.full_name for each in chosen]


def test_folders_come_first() -> None:
    assert _names(chosen_items(TREE, lambda _: True, lambda _: True)) == ["shop", "shop/ci", "shop/v", "shop/ci/b"]


def test_a_job_brings_the_folders_that_are_not_there() -> None:
    there = {"shop"}
    assert _names(chosen_items(TREE, lambda name: name == "shop/ci/b", there.__contains__)) == ["shop/ci", "shop/ci/b"]
    assert _names(chosen_items(TREE, lambda name: name == "shop/ci/b", lambda _: True)) == ["shop/ci/b"]
    assert chosen_items(TREE, lambda _: False, lambda _: False) == ()


def _planned(
    *items: SavedItem, live: dict[str, str] | None = None, there: set[str] | None = None, **options: bool
) -> tuple[Restoration, ...]:
    documents = {ItemKey(name): xml for name, xml in (live or {}).items()}
    flags = {"overwrite": False, "lossy": False, **options}
    folders = {folded(each) for each in there or set()}
    return plan_restore(
        items,
        documents,
        lambda name: folded(name) in folders,
        overwrite=flags["overwrite"],
        lossy=flags["lossy"],
    )


@pytest.mark.parametrize(
    ("item", "live", "overwrite", "action"),
    [
        pytest.param(_saved("a"), None, False, RestoreAction.CREATE, id="not-there"),
        pytest.param(_saved("a"), JOB, False, RestoreAction.UNCHANGED, id="there-and-equal"),
        pytest.param(_saved("a"), OTHER, False, RestoreAction.PRESENT, id="there-and-other"),
        pytest.param(_saved("a"), OTHER, True, RestoreAction.OVERWRITE, id="overwritten"),
        pytest.param(_saved("a"), "<project/>", True, RestoreAction.REFUSED, id="another-kind"),
        pytest.param(_saved("a"), "<project>", True, RestoreAction.REFUSED, id="live-cannot-be-read"),
        pytest.param(_saved("a", "<project>"), None, False, RestoreAction.REFUSED, id="saved-cannot-be-read"),
        pytest.param(_saved("a", HIDDEN), None, False, RestoreAction.REFUSED, id="secrets-were-hidden"),
        pytest.param(_saved("gone/a"), None, False, RestoreAction.REFUSED, id="no-folder"),
    ],
)
def test_what_is_done(item: SavedItem, live: str | None, overwrite: bool, action: RestoreAction) -> None:
    documents = {} if live is None else {item.key.full_name: live}
    [planned] = _planned(item, live=documents, overwrite=overwrite)
    assert planned.action is action
    assert planned.is_write == (action in {RestoreAction.CREATE, RestoreAction.OVERWRITE})
    assert planned.is_write == bool(planned.xml)


def test_what_is_sent_is_what_was_saved() -> None:
    [planned] = _planned(_saved("a", JOB, 43))
    assert planned.xml == JOB
    assert "its builds #1 to #42 are gone" in planned.notes


def test_a_folder_that_comes_back_is_one_to_be_in() -> None:
    items = (_saved("X", f"<{FOLDER}/>"), _saved("x/a"))
    assert [each.action for each in _planned(*items)] == [RestoreAction.CREATE] * 2
    assert [each.action for each in _planned(_saved("x/a"), there={"X"})] == [RestoreAction.CREATE]


def test_what_is_in_a_folder_that_cannot_come_back_is_refused() -> None:
    items = (_saved("x", f"<{FOLDER}"), _saved("x/a"))
    assert [each.action for each in _planned(*items)] == [RestoreAction.REFUSED] * 2


def test_asterisks_are_never_sent() -> None:
    [planned] = _planned(_saved("a", HIDDEN), lossy=True)
    assert planned.action is RestoreAction.CREATE
    assert "*" not in planned.xml
    assert "comes back without its secrets" in planned.notes[0]


def test_a_scan_is_said() -> None:
    tag = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"
    [planned] = _planned(_saved("a", f"<{tag}/>"))
    assert "will scan the repository" in planned.notes
