"""The comparer: a save is no change whatever Jenkins does to the text, an edit is one, and is called by its field."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cictl.core.job_changes import FieldChange, changes, compare_configs
from cictl.core.job_fingerprint import fingerprint
from cictl.core.job_graft import graft
from cictl.core.job_marks import put_mark
from cictl.core.job_xml import Element, parse_config, serialise

FOLDER = "com.cloudbees.hudson.plugins.folder.Folder"
MULTIBRANCH = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"
PARAMETERS = "hudson.model.ParametersDefinitionProperty"
STRING = "hudson.model.StringParameterDefinition"
PIPELINE_TRIGGERS = "org.jenkinsci.plugins.workflow.job.properties.PipelineTriggersJobProperty"
NOT_CONCURRENT = "org.jenkinsci.plugins.workflow.job.properties.DisableConcurrentBuildsJobProperty"
DISCARDER = "jenkins.model.BuildDiscarderProperty"
GIT = '<scm class="hudson.plugins.git.GitSCM"><branches/>%s</scm>'
DAILY = "<hudson.triggers.TimerTrigger><spec>@daily</spec></hudson.triggers.TimerTrigger>"
SHELL = "<hudson.tasks.Shell><command>%s</command></hudson.tasks.Shell>"
MATRIX = "hudson.security.AuthorizationMatrixProperty"
WORST = "com.cloudbees.hudson.plugins.folder.health.WorstChildHealthMetric"
METRIC = f"<healthMetrics><{WORST}><nonRecursive>false</nonRecursive></{WORST}></healthMetrics>"


def _project(inner: str) -> str:
    return f"<project>{inner}</project>"


def _pipeline(inner: str) -> str:
    return f"<flow-definition>{inner}</flow-definition>"


def _folder(inner: str) -> str:
    return f"<{FOLDER}>{inner}</{FOLDER}>"


def _multibranch(inner: str) -> str:
    return f"<{MULTIBRANCH}>{inner}</{MULTIBRANCH}>"


def _source(inner: str) -> str:
    source = f'<source class="jenkins.plugins.git.GitSCMSource">{inner}</source>'
    return _multibranch(
        f"<sources><data><jenkins.branch.BranchSource>{source}</jenkins.branch.BranchSource></data></sources>"
    )


def _parameters(*names: str) -> str:
    held = "".join(f"<{STRING}><name>{each}</name><trim>true</trim></{STRING}>" for each in names)
    inner = f"<{PARAMETERS}><parameterDefinitions>{held}</parameterDefinitions></{PARAMETERS}>"
    return f"<properties>{inner}</properties>"


def _builders(*commands: str) -> str:
    return _project("<builders>" + "".join(SHELL % each for each in commands) + "</builders>")


def _list_view(names: str) -> str:
    return f"<hudson.model.ListView><name>a</name><jobNames>{names}</jobNames></hudson.model.ListView>"


def _all_view(name: str) -> str:
    view = f"<hudson.model.AllView><name>{name}</name><filterQueue>false</filterQueue></hudson.model.AllView>"
    holder = "com.cloudbees.hudson.plugins.folder.views.DefaultFolderViewHolder"
    return f'<folderViews class="{holder}"><views>{view}</views><primaryView>{name}</primaryView></folderViews>'


SAVES = [
    pytest.param(_project("<a/>"), _project("<a></a>"), id="empty-in-two-spellings"),
    pytest.param(_project("<quiet>false</quiet>"), _project(""), id="false-and-absent"),
    pytest.param(_project("<triggers/>"), _project('<triggers class="vector"/>'), id="container-class"),
    pytest.param(
        _project(GIT % ""), _project(GIT % "<gitTool>Default</gitTool><configVersion>2</configVersion>"), id="git"
    ),
    pytest.param(
        _project(GIT % '<submoduleCfg class="list"/>'),
        _project(GIT % '<submoduleCfg class="empty-list"/>'),
        id="kinds-of-list",
    ),
    pytest.param(_project('<scm class="hudson.scm.NullSCM"/>'), _project(""), id="no-scm"),
    pytest.param(_project("<jdk>(System)</jdk>"), _project(""), id="jdk-of-the-system"),
    pytest.param(
        _project("<logRotator><numToKeep>9</numToKeep></logRotator>"),
        _project(
            f'<properties><{DISCARDER}><strategy class="hudson.tasks.LogRotator"><daysToKeep>-1</daysToKeep>'
            f"<numToKeep>9</numToKeep></strategy></{DISCARDER}></properties>"
        ),
        id="retention-in-its-old-place",
    ),
    pytest.param(
        _pipeline(f"<triggers>{DAILY}</triggers>"),
        _pipeline(f"<properties><{PIPELINE_TRIGGERS}><triggers>{DAILY}</triggers></{PIPELINE_TRIGGERS}></properties>"),
        id="triggers-in-their-old-place",
    ),
    pytest.param(
        _pipeline("<concurrentBuild>false</concurrentBuild>"),
        _pipeline(
            f"<properties><{NOT_CONCURRENT}><abortPrevious>false</abortPrevious></{NOT_CONCURRENT}></properties>"
        ),
        id="concurrency-in-its-old-place",
    ),
    pytest.param(
        _pipeline(f"<properties><{PIPELINE_TRIGGERS}><triggers/></{PIPELINE_TRIGGERS}></properties>"),
        _pipeline("<properties/>"),
        id="property-that-holds-nothing",
    ),
    pytest.param(
        _project("<properties/>"),
        _project(
            '<properties><com.sonyericsson.rebuild.RebuildSettings plugin="rebuild@1"><autoRebuild>false</autoRebuild>'
            "<rebuildDisabled>false</rebuildDisabled></com.sonyericsson.rebuild.RebuildSettings></properties>"
        ),
        id="property-that-forms-add",
    ),
    pytest.param(
        _folder("<properties/>"),
        _folder(
            "<properties><org.csanchez.jenkins.plugins.kubernetes.KubernetesFolderProperty><permittedClouds/>"
            "</org.csanchez.jenkins.plugins.kubernetes.KubernetesFolderProperty></properties>"
        ),
        id="property-that-forms-add-to-folders",
    ),
    pytest.param(
        _folder("<description>a</description>"),
        _folder(
            f"<description>a</description>{METRIC}"
            '<icon class="com.cloudbees.hudson.plugins.folder.icons.StockFolderIcon"/>' + _all_view("All")
        ),
        id="what-a-bare-folder-gets",
    ),
    pytest.param(_folder(_all_view("All")), _folder(_all_view("all")), id="all-becomes-all"),
    pytest.param(_source("<remote>r</remote>"), _source("<id>b1946ac9</id><remote>r</remote>"), id="invented-id"),
    pytest.param(
        _multibranch(""),
        _multibranch(
            '<orphanedItemStrategy class="com.cloudbees.hudson.plugins.folder.computed.DefaultOrphanedItemStrategy">'
            "<pruneDeadBranches>true</pruneDeadBranches><daysToKeep>-1</daysToKeep><numToKeep>-1</numToKeep>"
            "<abortBuilds>false</abortBuilds></orphanedItemStrategy>"
            f'<factory class="x.WorkflowBranchProjectFactory"><owner class="{MULTIBRANCH}" reference="../.."/>'
            "<scriptPath>Jenkinsfile</scriptPath></factory>"
        ),
        id="what-a-bare-multibranch-gets",
    ),
    pytest.param(
        "<hudson.model.ListView><name>a</name></hudson.model.ListView>",
        "<hudson.model.ListView><name>a</name><columns>"
        + "".join(f"<hudson.views.{each}Column/>" for each in ("Status", "Weather", "Job", "LastSuccess"))
        + "".join(f"<hudson.views.{each}Column/>" for each in ("LastFailure", "LastDuration", "BuildButton"))
        + "</columns></hudson.model.ListView>",
        id="columns-of-a-bare-view",
    ),
    pytest.param(_project("<actions><x.Y/></actions>"), _project("<actions/>"), id="actions"),
    pytest.param(
        _project("<a.B_-C><x>1</x></a.B_-C>"),
        _project("<a.B_-C plugin='p@2'><x>1</x></a.B_-C>"),
        id="plugin-of-a-member",
    ),
    pytest.param(_project("<x>True</x>"), _project("<x>true</x>"), id="truth-in-capitals"),
    pytest.param(
        _project("<password>plain</password>"),
        _project("<password>{AQAAABAAAAAQMaGbFWwgdVLNHKHtx3j8TMvXYplh}</password>"),
        id="encrypted-on-save",
    ),
    pytest.param(
        _project("<description>a&#xd;\nb&#xd;\n</description>"),
        _project("<description>a\nb\n</description>"),
        id="crlf",
    ),
    pytest.param(
        _project("<description>a</description>"),
        _project(f"<description>{put_mark('a', 'me').replace('<', '&lt;')}</description>"),
        id="owner-mark",
    ),
    pytest.param(
        _list_view("<comparator class='c'/><string>x</string><string>y</string>"),
        _list_view("<comparator reference='../../c'/><string>y</string><string>x</string>"),
        id="jobs-of-a-view-are-a-set",
    ),
]

EDITS = [
    pytest.param(
        _builders("a", "b", "c"), _builders("a", "c"), [("steps/shell 2", "shell (command b)", None)], id="step-gone"
    ),
    pytest.param(_builders("a", "b"), _builders("a", "x"), [("steps/shell 2/command", "b", "x")], id="second-step"),
    pytest.param(
        _builders("a"), _builders("new", "a"), [("steps/shell 1", None, "shell (command new)")], id="step-inserted"
    ),
    pytest.param(
        _project(_parameters("A", "B", "C")),
        _project(_parameters("A", "NEW", "B", "C")),
        [("parameters/NEW", None, "string parameter (trim true)")],
        id="parameter-inserted-shows-it-alone",
    ),
    pytest.param(
        _project(_parameters("A")),
        _project(""),
        [("parameters/A", "string parameter (trim true)", None)],
        id="parameters-gone",
    ),
    pytest.param(
        _project(_parameters("A")),
        _project(_parameters("A").replace(STRING, "hudson.model.TextParameterDefinition")),
        [("parameters/A", "string parameter (trim true)", "text parameter (trim true)")],
        id="parameter-of-another-type",
    ),
    pytest.param(
        _project("<quietPeriod>0</quietPeriod>"), _project(""), [("quiet period", "0", None)], id="zero-is-not-unset"
    ),
    pytest.param(_project("<x>true</x>"), _project(""), [("x", "true", None)], id="true-is-not-absent"),
    pytest.param(
        _project("<canRoam>true</canRoam>"),
        _project("<canRoam>false</canRoam>"),
        [("runs on", "true", "false")],
        id="tied-to-the-built-in-node",
    ),
    pytest.param(
        _project("<canRoam>true</canRoam>"),
        _project("<assignedNode>l</assignedNode><canRoam>false</canRoam>"),
        [("label", None, "l")],
        id="label-given",
    ),
    pytest.param(
        _project('<scm class="hudson.scm.NullSCM"/>'),
        _project(GIT % ""),
        [("scm", "null SCM", "git SCM")],
        id="another-scm",
    ),
    pytest.param(
        _source("<remote>r</remote><id>1</id>"),
        _source("<remote>r</remote><id>2</id>"),
        [("sources/source/id", "1", "2")],
        id="another-id",
    ),
    pytest.param(
        _source("<remote>r</remote><traits><a.b.BranchDiscoveryTrait/></traits>"),
        _source("<remote>r</remote><traits><a.b.BranchDiscoveryTrait/><a.b.TagDiscoveryTrait/></traits>"),
        [("sources/source/traits/tag discovery", None, "tag discovery trait")],
        id="trait-added",
    ),
    pytest.param(
        _multibranch("<disabled>false</disabled>"),
        _multibranch('<factory class="a.WorkflowBranchProjectFactory"><scriptPath>ci/J</scriptPath></factory>'),
        [("factory", None, "workflow branch project factory (script path ci/J)")],
        id="script-path",
    ),
    pytest.param(
        _folder("<healthMetrics/>"),
        _folder(METRIC.replace("false", "true")),
        [("health metrics/worst child health metric", None, "worst child health metric (non recursive true)")],
        id="metric",
    ),
    pytest.param(
        _project(f"<properties><{MATRIX}><permission>a</permission><permission>b</permission></{MATRIX}></properties>"),
        _project(f"<properties><{MATRIX}><permission>c</permission><permission>a</permission></{MATRIX}></properties>"),
        [("rights", "b", "c")],
        id="right-in-place-of-another",
    ),
    pytest.param(
        _project("<authToken>a</authToken>"),
        _project("<authToken>b</authToken>"),
        [("remote trigger token", "(hidden)", "(hidden)")],
        id="secret-is-not-shown",
    ),
    pytest.param(
        _project("<builders><a.B><remote>https://u:geheim@h/</remote></a.B></builders>"),
        _project("<builders><a.B><remote>https://h/</remote></a.B></builders>"),
        [("steps/b/remote", "https://u:(hidden)@h/", "https://h/")],
        id="password-in-a-url",
    ),
    pytest.param(
        _project(_parameters("PASSWORD")),
        _project(_parameters("PASSWORD").replace("<trim>", "<defaultValue>x</defaultValue><trim>")),
        [("parameters/PASSWORD/default value", None, "(hidden)")],
        id="default-of-a-secret-parameter",
    ),
    pytest.param(
        _project('<a x="1"><b>1</b></a>'), _project('<a x="2"><b>1</b></a>'), [("a/x", "1", "2")], id="attribute"
    ),
    pytest.param(
        _project("<publishers/>"), _pipeline(""), [("kind", "freestyle project", "pipeline")], id="another-kind"
    ),
    pytest.param(
        _folder(
            "<folderViews><views><hudson.model.ListView><name>r</name></hudson.model.ListView></views></folderViews>"
        ),
        _folder(_all_view("all")),
        [("views/all", None, "all view"), ("views/r", "list view", None)],
        id="a-view-gone",
    ),
]


@pytest.mark.parametrize(("one", "other"), SAVES)
def test_what_a_save_does_is_no_change(one: str, other: str) -> None:
    assert compare_configs(one, other) == ()
    assert compare_configs(other, one) == ()


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
    before, after = (_project(f"<builders><a.B><{tag}>{each}</{tag}></a.B></builders>") for each in (one, other))
    assert compare_configs(before, after)
    assert compare_configs(after, before)
    assert fingerprint(before) != fingerprint(after)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("#!/bin/sh\nmake", "#!/bin/sh\r\nmake\r\n", id="line-ends"),
        pytest.param("make\nmake test", "\nmake\nmake test\n\n", id="the-newline-that-a-text-area-loses"),
        pytest.param("H 2 * * *", "\n  H 2 * * * \t\n", id="one-line-that-is-trimmed"),
    ],
)
def test_what_a_form_loses_is_no_change(one: str, other: str) -> None:
    tag = "command" if "make" in one else "spec"
    before, after = (_project(f"<builders><a.B><{tag}>{each}</{tag}></a.B></builders>") for each in (one, other))
    assert compare_configs(before, after) == compare_configs(after, before) == ()
    assert fingerprint(before) == fingerprint(after)


def test_a_change_reads_as_people_say_it() -> None:
    change = FieldChange(("triggers", "cron"), "H 2 * * *", None)
    assert str(change) == f'{change.field}: "H 2 * * *" → nothing'
    assert change.field.split()[0::2] == ["triggers", "cron"]


# Everything below is about generated jobs: fields and lists, some of them with names.
WORDS = st.sampled_from(["7", "a", "b c", "H 2 * * *", "x&y<z>", "é", "yes"])
FIELDS = st.sampled_from(["goals", "url", "spec", "timeout", "targets", "kind"])
CLASSES = st.sampled_from(["a.b.Shell", "a.b.Mailer", "x.y__z.Archiver_-Part"])
LEAVES = st.builds(lambda tag, text: Element(tag, text=text), FIELDS, WORDS)


def _bean(tag: str, leaves: list[Element]) -> Element:
    return Element(tag, children=tuple({each.tag: each for each in leaves}.values()))


BEANS = st.builds(_bean, CLASSES, st.lists(LEAVES, max_size=4))
LISTS = st.builds(
    lambda tag, members: Element(tag, children=tuple(members)),
    st.sampled_from(["traits", "extensions"]),
    st.lists(BEANS, max_size=4),
)
JOBS = st.builds(_bean, st.sampled_from(["project", "flow-definition"]), st.lists(st.one_of(LEAVES, LISTS), max_size=5))
FREESTYLE = st.builds(_bean, st.just("project"), st.lists(st.one_of(LEAVES, LISTS), max_size=5))
SEEDS = st.integers(0, 2**32)


def _noisy(element: Element, chance: random.Random) -> Element:
    """Write ELEMENT as another Jenkins might: plugin versions, other order of fields, defaults, line ends."""
    children = [_noisy(each, chance) for each in element.children]
    if not any("." in each.tag for each in children):
        chance.shuffle(children)
    if children and "." in element.tag and chance.random() < 0.5:
        children.append(Element("verbose", text="false"))
    attributes = (("plugin", f"p@{chance.randint(1, 9)}"),) if chance.random() < 0.5 else ()
    return Element(element.tag, attributes, element.text.replace("\n", "\r\n"), tuple(children))


@given(JOBS)
def test_no_job_differs_from_itself(job: Element) -> None:
    assert changes(job, job) == ()
    assert changes(job, parse_config(serialise(job))) == ()


@given(JOBS, JOBS)
def test_there_is_a_change_from_either_side_or_from_none(one: Element, other: Element) -> None:
    assert bool(changes(one, other)) == bool(changes(other, one))


@given(JOBS, SEEDS)
def test_noise_is_never_a_change(job: Element, seed: int) -> None:
    noisy = _noisy(job, random.Random(seed))  # noqa: S311 -- no secret
    assert changes(job, noisy) == ()
    assert fingerprint(serialise(job)) == fingerprint(serialise(noisy))


def _leaf_paths(element: Element, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    found = [path] if element.text else []
    for index, child in enumerate(element.children):
        found += _leaf_paths(child, (*path, index))
    return found


def _edited(element: Element, path: tuple[int, ...], text: str) -> Element:
    if not path:
        return element._replace(text=text)
    children = list(element.children)
    children[path[0]] = _edited(children[path[0]], path[1:], text)
    return element.with_children(tuple(children))


@given(JOBS, SEEDS)
def test_an_edit_of_any_leaf_is_found_among_noise(job: Element, seed: int) -> None:
    paths = _leaf_paths(job)
    if paths:
        chance = random.Random(seed)  # noqa: S311 -- no secret
        edited = _edited(job, chance.choice(paths), "edited by hand")
        found = changes(job, _noisy(edited, chance))
        assert found
        assert "edited by hand" in " ".join(str(each) for each in found)


@given(FREESTYLE, FREESTYLE)
def test_all_changes_together_make_the_other_job(one: Element, other: Element) -> None:
    assert changes(graft(one, other, [each.steps for each in changes(one, other)]), other) == ()


def test_lists_within_lists_take_no_time() -> None:
    def nested(text: str) -> Element:
        element = Element("x.Y", children=(Element("z", text=text),))
        for _ in range(50):
            element = Element("x.Y", children=(element, Element("x.Y", children=(Element("z", text="same"),))))
        return Element("project", children=(element,))

    assert changes(nested("before"), nested("after"))
