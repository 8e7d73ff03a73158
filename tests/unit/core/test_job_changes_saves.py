"""The comparer on saves: whatever Jenkins and its forms do to the text, it is no change."""

from __future__ import annotations

import pytest

from cictl.core.job_changes import compare_configs
from cictl.core.job_fingerprint import fingerprint
from cictl.core.job_marks import put_mark
from tests.unit.job_documents import (
    CRON,
    DISCARDER,
    GIT,
    METRIC,
    MULTIBRANCH,
    TRIGGERS,
    all_view,
    folder,
    multibranch,
    pipeline,
    project,
    source,
    triggers_property,
)

NOT_CONCURRENT = "org.jenkinsci.plugins.workflow.job.properties.DisableConcurrentBuildsJobProperty"
DAILY = CRON % "@daily"


def _list_view(names: str) -> str:
    return f"<hudson.model.ListView><name>a</name><jobNames>{names}</jobNames></hudson.model.ListView>"


SAVES = [
    pytest.param(project("<a/>"), project("<a></a>"), id="empty-in-two-spellings"),
    pytest.param(project("<quiet>false</quiet>"), project(""), id="false-and-absent"),
    pytest.param(project("<triggers/>"), project('<triggers class="vector"/>'), id="container-class"),
    pytest.param(
        project(GIT % ""), project(GIT % "<gitTool>Default</gitTool><configVersion>2</configVersion>"), id="git"
    ),
    pytest.param(
        project(GIT % '<submoduleCfg class="list"/>'),
        project(GIT % '<submoduleCfg class="empty-list"/>'),
        id="kinds-of-list",
    ),
    pytest.param(project('<scm class="hudson.scm.NullSCM"/>'), project(""), id="no-scm"),
    pytest.param(project("<jdk>(System)</jdk>"), project(""), id="jdk-of-the-system"),
    pytest.param(
        project("<logRotator><numToKeep>9</numToKeep></logRotator>"),
        project(
            f'<properties><{DISCARDER}><strategy class="hudson.tasks.LogRotator"><daysToKeep>-1</daysToKeep>'
            f"<numToKeep>9</numToKeep></strategy></{DISCARDER}></properties>"
        ),
        id="retention-in-its-old-place",
    ),
    pytest.param(
        pipeline(f"<triggers>{DAILY}</triggers>"),
        pipeline(f"<properties>{triggers_property(DAILY)}</properties>"),
        id="triggers-in-their-old-place",
    ),
    pytest.param(
        pipeline("<concurrentBuild>false</concurrentBuild>"),
        pipeline(f"<properties><{NOT_CONCURRENT}><abortPrevious>false</abortPrevious></{NOT_CONCURRENT}></properties>"),
        id="concurrency-in-its-old-place",
    ),
    pytest.param(
        pipeline(f"<properties><{TRIGGERS}><triggers/></{TRIGGERS}></properties>"),
        pipeline("<properties/>"),
        id="property-that-holds-nothing",
    ),
    pytest.param(
        project("<properties/>"),
        project(
            '<properties><com.sonyericsson.rebuild.RebuildSettings plugin="rebuild@1"><autoRebuild>false</autoRebuild>'
            "<rebuildDisabled>false</rebuildDisabled></com.sonyericsson.rebuild.RebuildSettings></properties>"
        ),
        id="property-that-forms-add",
    ),
    pytest.param(
        folder("<properties/>"),
        folder(
            "<properties><org.csanchez.jenkins.plugins.kubernetes.KubernetesFolderProperty><permittedClouds/>"
            "</org.csanchez.jenkins.plugins.kubernetes.KubernetesFolderProperty></properties>"
        ),
        id="property-that-forms-add-to-folders",
    ),
    pytest.param(
        folder("<description>a</description>"),
        folder(
            f"<description>a</description>{METRIC}"
            '<icon class="com.cloudbees.hudson.plugins.folder.icons.StockFolderIcon"/>' + all_view("All")
        ),
        id="what-a-bare-folder-gets",
    ),
    pytest.param(folder(all_view("All")), folder(all_view("all")), id="all-becomes-all"),
    pytest.param(source("<remote>r</remote>"), source("<id>b1946ac9</id><remote>r</remote>"), id="invented-id"),
    pytest.param(
        multibranch(""),
        multibranch(
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
    pytest.param(project("<actions><x.Y/></actions>"), project("<actions/>"), id="actions"),
    pytest.param(
        project("<a.B_-C><x>1</x></a.B_-C>"),
        project("<a.B_-C plugin='p@2'><x>1</x></a.B_-C>"),
        id="plugin-of-a-member",
    ),
    pytest.param(project("<x>True</x>"), project("<x>true</x>"), id="truth-in-capitals"),
    pytest.param(
        project("<password>plain</password>"),
        project("<password>{AQAAABAAAAAQMaGbFWwgdVLNHKHtx3j8TMvXYplh}</password>"),
        id="encrypted-on-save",
    ),
    pytest.param(
        project("<description>a&#xd;\nb&#xd;\n</description>"),
        project("<description>a\nb\n</description>"),
        id="crlf",
    ),
    pytest.param(
        project("<description>a</description>"),
        project(f"<description>{put_mark('a', 'me').replace('<', '&lt;')}</description>"),
        id="owner-mark",
    ),
    pytest.param(
        _list_view("<comparator class='c'/><string>x</string><string>y</string>"),
        _list_view("<comparator reference='../../c'/><string>y</string><string>x</string>"),
        id="jobs-of-a-view-are-a-set",
    ),
]


@pytest.mark.parametrize(("one", "other"), SAVES)
def test_what_a_save_does_is_no_change(one: str, other: str) -> None:
    assert compare_configs(one, other) == ()
    assert compare_configs(other, one) == ()


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
    before, after = (project(f"<builders><a.B><{tag}>{each}</{tag}></a.B></builders>") for each in (one, other))
    assert compare_configs(before, after) == compare_configs(after, before) == ()
    assert fingerprint(before) == fingerprint(after)
