"""What kind of item a config.xml is, and that its standard shape can be taken again."""

from __future__ import annotations

import pytest

from cictl.core.job_shapes import is_computed_folder, is_folder, is_pipeline, is_view, standard_shape
from cictl.core.job_xml import parse_config

FOLDER = "com.cloudbees.hudson.plugins.folder.Folder"
MULTIBRANCH = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"


@pytest.mark.parametrize(
    ("tag", "kinds"),
    [
        pytest.param(FOLDER, {"folder"}, id="folder"),
        pytest.param(MULTIBRANCH, {"folder", "computed"}, id="multibranch"),
        pytest.param("jenkins.branch.OrganizationFolder", {"folder", "computed"}, id="organisation"),
        pytest.param("flow-definition", {"pipeline"}, id="pipeline"),
        pytest.param("hudson.model.ListView", {"view"}, id="view"),
        pytest.param("project", set(), id="freestyle"),
        pytest.param("matrix-project", set(), id="matrix"),
    ],
)
def test_kinds(tag: str, kinds: set[str]) -> None:
    root = parse_config(f"<{tag}/>")
    told = {"folder": is_folder, "computed": is_computed_folder, "pipeline": is_pipeline, "view": is_view}
    assert {name for name, is_kind in told.items() if is_kind(root)} == kinds


@pytest.mark.parametrize(
    "xml",
    [
        f"<{FOLDER}><views><hudson.model.AllView><name>All</name></hudson.model.AllView></views><primaryView>All</primaryView></{FOLDER}>",
        f"<{MULTIBRANCH}><canRoam>true</canRoam></{MULTIBRANCH}>",
        "<flow-definition><concurrentBuild>false</concurrentBuild><logRotator><numToKeep>1</numToKeep></logRotator></flow-definition>",
        "<project><assignedNode>a</assignedNode><canRoam>false</canRoam></project>",
    ],
)  # fmt: skip
def test_the_standard_shape_is_its_own(xml: str) -> None:
    shaped = standard_shape(parse_config(xml))
    assert standard_shape(shaped) == shaped


def test_what_a_folder_has_no_place_for_goes() -> None:
    shaped = standard_shape(
        parse_config(f"<{FOLDER}><canRoam>true</canRoam><scm class='hudson.scm.NullSCM'/></{FOLDER}>")
    )
    assert {each.tag for each in shaped.children} == {"healthMetrics", "folderViews"}


def test_old_views_move_to_their_holder() -> None:
    view = "<hudson.model.ListView><name>red</name></hudson.model.ListView>"
    old = f"<views>{view}</views><viewsTabBar class='a.B'/><primaryView>red</primaryView>"
    holder = standard_shape(parse_config(f"<{FOLDER}>{old}</{FOLDER}>")).child("folderViews")
    assert holder is not None
    assert [each.tag for each in holder.children] == ["views", "primaryView", "tabBar"]
    assert holder.text_of("views", "hudson.model.ListView", "name") == "red"
