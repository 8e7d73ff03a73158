"""The list of plugins, their versions' order, and what an update centre would bring."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.bootstrap_plan import Part
from cictl.core.bootstrap_plugins import PluginGap, WantedPlugin, delivery, is_older, parse_plugins, plugin_gap
from cictl.core.jenkins_plugins import InstalledPlugin, OfferedPlugin
from cictl.errors import ConfigInvalid


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("git", [WantedPlugin("git")]),
        ("git:5.7.0", [WantedPlugin("git", "5.7.0")]),
        ("git:latest # the newest", [WantedPlugin("git")]),
        ("git:experimental", [WantedPlugin("git")]),
        ("git:5.7.0:https://example.com/git.hpi", [WantedPlugin("git", "5.7.0")]),
        ("git::https://example.com/git.hpi", [WantedPlugin("git")]),
        (
            "git:incrementals;org.jenkins-ci.plugins;2.19-rc289.d09828a05a74",
            [WantedPlugin("git", "2.19-rc289.d09828a05a74")],
        ),
        ("# all of it", []),
        ("   ", []),
        ("credentials:1447.v4cb_b_539b_5321\r", [WantedPlugin("credentials", "1447.v4cb_b_539b_5321")]),
    ],
)
def test_parse_plugins(line: str, expected: list[WantedPlugin]) -> None:
    assert list(parse_plugins(f"{line}\n")) == expected


@pytest.mark.parametrize("text", ["git 5.7.0", ":5", "-git", "git\ngit:5"])
def test_a_line_that_is_no_plugin_is_named(text: str) -> None:
    with pytest.raises(ConfigInvalid, match=r"plugins.txt, line \d"):
        parse_plugins(text)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("5.6.0", "5.7.0"),
        ("5.7", "5.7.1"),
        ("9", "10"),
        ("1447.v4cb_b_539b_5321", "1453.v9b_a_29777a_b_fd"),
        ("2.0-alpha-1", "2.0-beta-1"),
        ("2.0-beta-1", "2.0-rc1"),
        ("2.0-rc1", "2.0"),
        ("2.0-SNAPSHOT", "2.0"),
        ("4.5.13-138.v4e7d9a_7b_a_e61", "4.5.14-269.vfa_2321039a_83"),
    ],
)
def test_versions(older: str, newer: str) -> None:
    assert is_older(older, newer)
    assert not is_older(newer, older)


@pytest.mark.parametrize(("left", "right"), [("5.7", "5.7.0"), ("5.7", "5.7-ga"), ("1.0", "1"), ("x", "X")])
def test_versions_that_are_the_same(left: str, right: str) -> None:
    assert not is_older(left, right)
    assert not is_older(right, left)


_versions = st.text("0123456789.-abrcv_", max_size=12)


@given(_versions, _versions, _versions)
def test_the_order_is_one(left: str, middle: str, right: str) -> None:
    assert not (is_older(left, right) and is_older(right, left))
    if is_older(left, middle) and is_older(middle, right):
        assert is_older(left, right)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = parse_plugins(text)
    except ConfigInvalid:
        return
    assert all(each.name in text and each.least in text for each in found)


def test_a_gap_names_each_kind_of_lack() -> None:
    wanted = parse_plugins("git:5\nfolder:3\njob\nscm:1\nlibrary")
    there = [
        InstalledPlugin("git", "4", is_active=True, is_enabled=True),
        InstalledPlugin("folder", "3", is_active=True, is_enabled=True),
        InstalledPlugin("job", "1", is_active=False, is_enabled=True),
        InstalledPlugin("scm", "1", is_active=False, is_enabled=False),
    ]
    gap = plugin_gap(wanted, there)
    assert gap.words() == "missing: library; too old: 4 of git 5; not active: job; disabled: scm"
    assert [each.name for each in gap.to_install] == ["library", "git"]
    assert plugin_gap(wanted[1:2], there).is_empty


def test_what_comes_is_all_that_is_needed_and_nothing_twice() -> None:
    offered = [
        OfferedPlugin("git", "6", (("scm", "1"), ("api", "2"))),
        OfferedPlugin("scm", "2", (("api", "1"), ("git", "1"))),
        OfferedPlugin("api", "3"),
        OfferedPlugin("other", "1"),
    ]
    wanted = parse_plugins("git:5\nscm:9\nnone")
    found = delivery(wanted, offered)
    assert found.brings == (("api", "3"), ("git", "6"), ("scm", "2"))
    assert [str(each) for each in found.lacks] == ["scm 9", "none"]


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        pytest.param(PluginGap(), set(), id="nothing-lacks"),
        pytest.param(PluginGap(absent=parse_plugins("timestamper")), set(), id="what-no-part-needs"),
        pytest.param(PluginGap(old=((WantedPlugin("git", "5"), "4"),)), set(), id="old"),
        pytest.param(PluginGap(absent=parse_plugins("git")), {Part.FOLDERS, Part.JOBS, Part.TRIGGERS}, id="git"),
        pytest.param(PluginGap(disabled=("ssh-credentials",)), {Part.CREDENTIALS}, id="disabled"),
        pytest.param(PluginGap(inactive=("workflow-job",)), {Part.JOBS, Part.SMOKE}, id="not-active"),
    ],
)
def test_only_those_parts_wait_that_need_what_lacks(gap: PluginGap, expected: set[Part]) -> None:
    assert gap.blocks == expected
