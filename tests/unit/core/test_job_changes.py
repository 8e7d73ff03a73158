"""The comparer on what people do: an edit is a change, and is called by its field."""

from __future__ import annotations

from typing import Any

import pytest

from cictl.core.job_changes import changes, compare_configs
from cictl.core.job_fingerprint import fingerprint
from cictl.core.job_graft import graft
from cictl.core.job_places import FieldChange
from cictl.core.job_xml import parse_config
from tests.unit.job_documents import (
    GIT,
    METRIC,
    SHELL,
    STRING,
    all_view,
    folder,
    multibranch,
    parameter,
    parameters_property,
    pipeline,
    project,
    source,
)

MATRIX = "hudson.security.AuthorizationMatrixProperty"


def _parameters(*names: str) -> str:
    held = (parameter(each, "<trim>true</trim>") for each in names)
    return f"<properties>{parameters_property(*held)}</properties>"


def _builders(*commands: str) -> str:
    return project("<builders>" + "".join(SHELL % each for each in commands) + "</builders>")


EDITS = [
    pytest.param(
        _builders("a", "b", "c"), _builders("a", "c"), [("steps/shell 2", "shell (command b)", None)], id="step-gone"
    ),
    pytest.param(_builders("a", "b"), _builders("a", "x"), [("steps/shell 2/command", "b", "x")], id="second-step"),
    pytest.param(
        _builders("a"), _builders("new", "a"), [("steps/shell 1", None, "shell (command new)")], id="step-inserted"
    ),
    pytest.param(
        project(_parameters("A", "B", "C")),
        project(_parameters("A", "NEW", "B", "C")),
        [("parameters/NEW", None, "string parameter (trim true)")],
        id="parameter-inserted-shows-it-alone",
    ),
    pytest.param(
        project(_parameters("A")),
        project(""),
        [("parameters/A", "string parameter (trim true)", None)],
        id="parameters-gone",
    ),
    pytest.param(
        project(_parameters("A")),
        project(_parameters("A").replace(STRING, "hudson.model.TextParameterDefinition")),
        [("parameters/A", "string parameter (trim true)", "text parameter (trim true)")],
        id="parameter-of-another-type",
    ),
    pytest.param(
        project("<quietPeriod>0</quietPeriod>"), project(""), [("quiet period", "0", None)], id="zero-is-not-unset"
    ),
    pytest.param(project("<x>true</x>"), project(""), [("x", "true", None)], id="true-is-not-absent"),
    pytest.param(
        project("<canRoam>true</canRoam>"),
        project("<canRoam>false</canRoam>"),
        [("runs on", "true", "false")],
        id="tied-to-the-built-in-node",
    ),
    pytest.param(
        project("<canRoam>true</canRoam>"),
        project("<assignedNode>l</assignedNode><canRoam>false</canRoam>"),
        [("label", None, "l")],
        id="label-given",
    ),
    pytest.param(
        project('<scm class="hudson.scm.NullSCM"/>'),
        project(GIT % ""),
        [("scm", "null SCM", "git SCM")],
        id="another-scm",
    ),
    pytest.param(
        source("<remote>r</remote><id>1</id>"),
        source("<remote>r</remote><id>2</id>"),
        [("sources/source/id", "1", "2")],
        id="another-id",
    ),
    pytest.param(
        source("<remote>r</remote><traits><a.b.BranchDiscoveryTrait/></traits>"),
        source("<remote>r</remote><traits><a.b.BranchDiscoveryTrait/><a.b.TagDiscoveryTrait/></traits>"),
        [("sources/source/traits/tag discovery", None, "tag discovery trait")],
        id="trait-added",
    ),
    pytest.param(
        multibranch("<disabled>false</disabled>"),
        multibranch('<factory class="a.WorkflowBranchProjectFactory"><scriptPath>ci/J</scriptPath></factory>'),
        [("factory", None, "workflow branch project factory (script path ci/J)")],
        id="script-path",
    ),
    pytest.param(
        folder("<healthMetrics/>"),
        folder(METRIC.replace("false", "true")),
        [("health metrics/worst child health metric", None, "worst child health metric (non recursive true)")],
        id="metric",
    ),
    pytest.param(
        project(f"<properties><{MATRIX}><permission>a</permission><permission>b</permission></{MATRIX}></properties>"),
        project(f"<properties><{MATRIX}><permission>c</permission><permission>a</permission></{MATRIX}></properties>"),
        [("rights", "b", "c")],
        id="right-in-place-of-another",
    ),
    pytest.param(
        project("<authToken>a</authToken>"),
        project("<authToken>b</authToken>"),
        [("remote trigger token", "(hidden)", "(hidden)")],
        id="secret-is-not-shown",
    ),
    pytest.param(
        project("<builders><a.B><remote>https://u:geheim@h/</remote></a.B></builders>"),
        project("<builders><a.B><remote>https://h/</remote></a.B></builders>"),
        [("steps/b/remote", "https://u:(hidden)@h/", "https://h/")],
        id="password-in-a-url",
    ),
    pytest.param(
        project(_parameters("PASSWORD")),
        project(_parameters("PASSWORD").replace("<trim>", "<defaultValue>x</defaultValue><trim>")),
        [("parameters/PASSWORD/default value", None, "(hidden)")],
        id="default-of-a-secret-parameter",
    ),
    pytest.param(
        project('<a x="1"><b>1</b></a>'), project('<a x="2"><b>1</b></a>'), [("a/x", "1", "2")], id="attribute"
    ),
    pytest.param(
        project("<publishers/>"), pipeline(""), [("kind", "freestyle project", "pipeline")], id="another-kind"
    ),
    pytest.param(
        folder(
            "<folderViews><views><hudson.model.ListView><name>r</name></hudson.model.ListView></views></folderViews>"
        ),
        folder(all_view("all")),
        [("views/all", None, "all view"), ("views/r", "list view", None)],
        id="a-view-gone",
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), EDITS)
def test_what_a_person_does_is_called_by_its_field(
    before: str, after: str, expected: list[tuple[str, Any, Any]]
) -> None:
    found = sorted(("/".join(each.path), each.before, each.after) for each in compare_configs(before, after))
    assert found == sorted(expected)
    assert compare_configs(after, before)
    assert fingerprint(before) != fingerprint(after)


@pytest.mark.parametrize(("before", "after", "expected"), EDITS)
def test_a_change_can_be_carried_from_one_document_to_the_other(before: str, after: str, expected: object) -> None:
    old, new = parse_config(before), parse_config(after)
    if old.tag == new.tag:
        assert changes(graft(old, new, [each.steps for each in changes(old, new)]), new) == (), expected


@pytest.mark.parametrize("tag", ["command", "scriptContent", "content"])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("#!/bin/bash\nset -e", "\n#!/bin/bash\nset -e", id="newline-before-the-interpreter"),
        pytest.param("#!/bin/bash\nset -e", "  #!/bin/bash\nset -e", id="blanks-before-the-interpreter"),
        pytest.param("#!/bin/bash", "\n#!/bin/bash", id="nothing-but-the-interpreter"),
        pytest.param("make\nmake test", "\n\nmake\nmake test", id="more-newlines-than-a-text-area-loses"),
        pytest.param("a:\n  b", "  a:\n  b", id="the-first-lines-indent"),
        pytest.param("make", "make\u00a0", id="a-no-break-space-at-the-end"),
        pytest.param("make", "\u3000make", id="another-blank-of-unicode"),
        pytest.param("", "\u00a0", id="a-no-break-space-alone"),
    ],
)
def test_what_no_form_loses_is_a_change(one: str, other: str, tag: str) -> None:
    before, after = (project(f"<builders><a.B><{tag}>{each}</{tag}></a.B></builders>") for each in (one, other))
    assert compare_configs(before, after)
    assert compare_configs(after, before)
    assert fingerprint(before) != fingerprint(after)


def test_a_change_reads_as_people_say_it() -> None:
    change = FieldChange(("triggers", "cron"), "H 2 * * *", None)
    assert str(change) == f'{change.field}: "H 2 * * *" → nothing'
    assert change.field.split()[0::2] == ["triggers", "cron"]
