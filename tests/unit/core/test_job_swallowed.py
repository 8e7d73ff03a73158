"""What Jenkins drops of what it says it took, and what it merely spells in another way."""

from __future__ import annotations

import pytest

from cictl.core.job_swallowed import read_back
from cictl.core.job_xml import parse_config

_GONE = "<hudson.plugins.gone.Thing plugin='gone@1'><x>1</x></hudson.plugins.gone.Thing>"


@pytest.mark.parametrize(
    ("sent", "saved", "lost"),
    [
        pytest.param("<project/>", "<project><canRoam>false</canRoam></project>", (), id="defaults-come"),
        pytest.param(
            f"<project><publishers>{_GONE}</publishers></project>",
            "<project><publishers/></project>",
            ("hudson.plugins.gone.Thing (gone)",),
            id="a-step-of-a-plugin-that-is-not-there",
        ),
        pytest.param(
            "<project><scm class='hudson.plugins.gone.Scm'><url>x</url></scm></project>",
            "<project><scm class='hudson.scm.NullSCM'/></project>",
            (),
            id="another-in-its-place-is-told-otherwise",
        ),
        pytest.param(
            "<flow-definition><definition class='org.gone.Flow'><x>1</x></definition></flow-definition>",
            "<flow-definition/>",
            ("org.gone.Flow",),
            id="a-field-by-its-class",
        ),
        pytest.param("<project><odd>1</odd></project>", "<project/>", (), id="a-field-that-no-class-has"),
        pytest.param(
            f"<project><publishers>{_GONE}{_GONE}</publishers></project>",
            f"<project><publishers>{_GONE}</publishers></project>",
            (),
            id="one-of-two-is-no-missing-plugin",
        ),
    ],
)
def test_lost(sent: str, saved: str, lost: tuple[str, ...]) -> None:
    assert read_back(parse_config(sent), parse_config(saved)).lost == lost


def test_what_came_out_otherwise_is_named() -> None:
    seen = read_back(
        parse_config("<project><quietPeriod>5</quietPeriod></project>"),
        parse_config("<project><quietPeriod>7</quietPeriod></project>"),
    )
    assert [each.field for each in seen.otherwise] == ["quiet period"]
