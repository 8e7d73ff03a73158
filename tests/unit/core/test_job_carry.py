"""What goes along when a folder or job is written anew, and what is never posted back."""

from __future__ import annotations

import pytest

from cictl.core.job_carry import Carried, Redacted, carry_over, is_disabled_by_hand, is_unmanaged, redacted_fields
from cictl.core.job_xml import Element, parse_config, serialise

FOLDER = "com.cloudbees.hudson.plugins.folder.Folder"
CREDENTIALS = "com.cloudbees.hudson.plugins.folder.properties.FolderCredentialsProvider_-FolderCredentialsProperty"
LIBRARIES = "org.jenkinsci.plugins.workflow.libs.FolderLibraries"
SECRET = f"<{CREDENTIALS}><m><x.Y><id>robot</id><password>%s</password></x.Y></m></{CREDENTIALS}>"
KEPT_SECRET = SECRET % "{AQAAABAAAAAQabc=}"
LIBRARY = f"<{LIBRARIES}><libraries/></{LIBRARIES}>"
VIEWS = (
    '<folderViews class="x.DefaultFolderViewHolder"><views><hudson.model.ListView><owner reference="../../../.."/>'
    "<name>red</name></hudson.model.ListView></views></folderViews>"
)
ICON = '<icon class="io.jenkins.plugins.folder.icons.FontAwesomeIcon"><n>star</n></icon>'
GENERATED = (
    f"<{FOLDER}><icon class='com.cloudbees.hudson.plugins.folder.icons.StockFolderIcon'/><views/>"
    "<viewsTabBar class='hudson.views.DefaultViewsTabBar'/><primaryView>All</primaryView><healthMetrics/>"
    f"<description>new</description><properties>%s</properties></{FOLDER}>"
)


def _folder(properties: str = "", rest: str = "") -> Element:
    return parse_config(
        f"<{FOLDER}><description>old</description><properties>{properties}</properties>{rest}</{FOLDER}>"
    )


def _carried(desired: Element, live: Element, sent: Element | None = None) -> Carried:
    result = carry_over(desired, live, sent=sent)
    assert isinstance(result, Carried)
    return result


def test_a_folder_keeps_what_its_generator_says_nothing_about() -> None:
    live = _folder(KEPT_SECRET + LIBRARY, VIEWS + ICON)
    result = _carried(parse_config(GENERATED % ""), live)
    assert result.kept == ("credentials", "libraries", "views", "icon")
    assert result.root.child("properties") == live.child("properties")
    assert result.root.child("folderViews") == live.child("folderViews")
    assert result.root.child("icon") == live.child("icon")
    assert result.root.child("primaryView") is None  # beside the new place, Jenkins would not read the old one
    assert result.root.text_of("description") == "new"


def test_a_property_of_gits_own_wins_but_never_over_credentials() -> None:
    ours = LIBRARY.replace("<libraries/>", "<libraries><l.L><name>ours</name></l.L></libraries>")
    desired = parse_config(GENERATED % (ours + SECRET % "plain"))
    text = serialise(_carried(desired, _folder(KEPT_SECRET + LIBRARY)).root)
    assert "<name>ours</name>" in text
    assert "plain" not in text
    assert text.count(LIBRARIES) == 2
    assert "{AQAAABAAAAAQabc=}" in text


def test_what_git_took_away_is_not_carried_over() -> None:
    sent = parse_config(GENERATED % LIBRARY)
    result = _carried(parse_config(GENERATED % ""), _folder(LIBRARY), sent)
    assert LIBRARIES not in serialise(result.root)
    assert result.kept == ()


def test_redacted_secrets_are_never_sent() -> None:
    live = _folder(SECRET % "********")
    assert redacted_fields(live) == ("credentials robot password",)
    result = carry_over(parse_config(GENERATED % ""), live)
    assert isinstance(result, Redacted)
    assert "credentials robot password" in result.reason
    assert redacted_fields(_folder(KEPT_SECRET)) == ()


@pytest.mark.parametrize(
    ("desired", "sent", "is_by_hand"),
    [
        pytest.param("<project/>", "<project/>", True, id="git-is-silent"),
        pytest.param("<project/>", None, True, id="no-record"),
        pytest.param("<project><disabled>false</disabled></project>", "<project/>", False, id="git-says-enabled"),
        pytest.param("<project/>", "<project><disabled>true</disabled></project>", False, id="git-said-disabled"),
    ],
)
def test_a_job_disabled_by_hand_stays_so_until_git_speaks(desired: str, sent: str | None, *, is_by_hand: bool) -> None:
    live = parse_config("<project><disabled>true</disabled></project>")
    wanted, written = parse_config(desired), parse_config(sent) if sent else None
    assert is_disabled_by_hand(wanted, live, sent=written) is is_by_hand
    assert (_carried(wanted, live, written).root.text_of("disabled") == "true") is is_by_hand


def test_a_job_can_be_enabled_again() -> None:
    live = parse_config("<project><disabled>true</disabled></project>")
    result = carry_over(parse_config("<project/>"), live, keeps_disabled=False)
    assert isinstance(result, Carried)
    assert result.root.child("disabled") is None


def test_what_builds_left_in_a_pipeline_goes_along() -> None:
    live = parse_config("<flow-definition><actions><x.Tracker/></actions></flow-definition>")
    assert _carried(parse_config("<flow-definition><actions/></flow-definition>"), live).root == live


def test_only_what_git_names_in_a_folder_is_managed() -> None:
    desired = parse_config(GENERATED % LIBRARY)
    assert is_unmanaged(("folderViews", "views"), desired, None)
    assert is_unmanaged(("properties", CREDENTIALS), desired, None)
    assert not is_unmanaged(("properties", LIBRARIES, "libraries"), desired, None)
    assert not is_unmanaged(("description",), desired, None)
    assert not is_unmanaged(("properties", CREDENTIALS), parse_config("<project/>"), None)


PLUGINS = [
    pytest.param("<io.jenkins.plugins.folderauth.X><role>dev</role></io.jenkins.plugins.folderauth.X>", id="roles"),
    pytest.param(
        "<org.jenkinsci.plugins.pipeline.maven.MavenConfigFolderOverrideProperty><override>true</override>"
        "</org.jenkinsci.plugins.pipeline.maven.MavenConfigFolderOverrideProperty>",
        id="maven",
    ),
    pytest.param(
        '<org.jenkinsci.plugins.configfiles.folder.FolderConfigFileProperty><configs class="sorted-set"><comparator '
        'class="org.jenkinsci.plugins.configfiles.ConfigByIdComparator"/><a.Custom><id>c</id>'
        "<content>a&#xd;\nb</content></a.Custom></configs>"
        "</org.jenkinsci.plugins.configfiles.folder.FolderConfigFileProperty>",
        id="configuration-files",
    ),
    pytest.param(
        "<org.jenkinsci.plugins.docker.workflow.declarative.FolderConfig><dockerLabel>d</dockerLabel><registry/>"
        "</org.jenkinsci.plugins.docker.workflow.declarative.FolderConfig>",
        id="docker-label",
    ),
    pytest.param(
        "<org.csanchez.jenkins.plugins.kubernetes.PodTemplates><podTemplates><a.PodTemplate><name>p</name>"
        "</a.PodTemplate></podTemplates></org.csanchez.jenkins.plugins.kubernetes.PodTemplates>",
        id="pods",
    ),
    pytest.param("<EnvFolderProperty><on>true</on></EnvFolderProperty>", id="class-without-a-package"),
]


@pytest.mark.parametrize("theirs", PLUGINS)
def test_a_plugins_property_is_carried_over_to_the_letter_and_is_no_drift(theirs: str) -> None:
    live = _folder(theirs + KEPT_SECRET)
    carried = _carried(parse_config(GENERATED % LIBRARY), live)
    written, there = (serialise(each.child("properties") or each) for each in (carried.root, live))
    assert all(line in written.splitlines() for line in there.splitlines())
    assert LIBRARIES in written
    tag = parse_config(theirs).tag
    assert is_unmanaged(("properties", tag), parse_config(GENERATED % LIBRARY), None)


@pytest.mark.parametrize("theirs", PLUGINS)
def test_a_plugins_redacted_property_is_never_sent(theirs: str) -> None:
    hidden = theirs.replace(">true<", ">********<").replace(">d<", ">********<").replace(">p<", ">********<")
    hidden = hidden.replace(">dev<", ">********<").replace(">c<", ">********<")
    assert isinstance(carry_over(parse_config(GENERATED % LIBRARY), _folder(hidden)), Redacted)
