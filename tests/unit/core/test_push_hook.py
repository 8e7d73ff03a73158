"""Whose a hook is."""

from __future__ import annotations

import pytest

from cictl.core.push_hook import Hook, signed, whose

TEXT = signed("workers=4\nexit\n")


@pytest.mark.parametrize(
    "edit", [lambda text: text + "x\n", lambda text: text.replace("workers=4", "workers=9"), lambda text: text[:-1]]
)
def test_edits_are_seen(edit) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - lambdas in a table
    assert whose(edit(TEXT)) is Hook.EDITED


def test_the_first_line_is_the_owners_of_the_machine() -> None:
    assert whose(TEXT.replace("#!/bin/sh", "#!/usr/bin/dash", 1)) is Hook.OURS
