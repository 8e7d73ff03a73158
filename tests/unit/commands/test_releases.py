from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from cictl.commands.releases import _document
from cictl.commands.rollout_documents import history_document
from cictl.core.past_releases import Past
from cictl.core.report_words import commit_line
from cictl.core.rollout_state import Phase
from cictl.services.promotion import past_of
from cictl.services.release_store import StoredRelease
from cictl.wiring.releases import Cell
from tests.unit.rollout_cases import NOW, a_record

COMMIT = "d60e00e68388ffff0000"


def a_release(kept: str) -> StoredRelease:
    return StoredRelease(replace(a_record(), commit=kept), "uid", Phase.SUCCEEDED, "", "well")


def past(stored: StoredRelease) -> Past:
    memory = SimpleNamespace(releases=lambda: (stored,), running=lambda: stored.revision, now=lambda: NOW)
    return past_of("staging", memory)


@pytest.mark.parametrize(
    ("kept", "shown", "is_dirty"), [(COMMIT, "d60e00e68388", False), (f"{COMMIT}-dirty", "d60e00e68388-dirty", True)]
)
def test_what_nobody_committed_is_marked(kept: str, shown: str, *, is_dirty: bool) -> None:
    matrix = _document([Cell("checkout", "staging", past(a_release(kept)), NOW)])
    history = history_document("checkout", (a_release(kept),), None)
    for document, column in ((matrix, 4), (history, 3)):
        (item,) = cast("list[dict[str, object]]", document.data["items"])
        assert (document.rows[0][column], item["commit"], item["dirty"]) == (shown, COMMIT, is_dirty)
    report = SimpleNamespace(commit=kept, commit_told=None)
    assert ("nobody committed" in commit_line(report)) is is_dirty  # type: ignore[arg-type]
