"""The comparer on parts of a job that come, go, move or are written another way: parameters, steps, sources, views."""

from __future__ import annotations

import pytest

from cictl.core.job_changes import changes
from cictl.core.job_graft import graft
from cictl.core.job_marks import put_mark
from cictl.core.job_xml import parse_config, serialise
from tests.contract.edited_jobs import base, paths


def _part(job: str, start: str, end: str) -> str:
    """Return the lines of JOB from the one with START up to the first one with END after it."""
    text = base(job)
    first = text.rindex("\n", 0, text.index(start)) + 1
    return text[first : text.index("\n", text.index(end, first)) + 1]


def _without(job: str, start: str, end: str, *, less: str = "") -> tuple[str, str]:
    return base(job), base(job).replace(_part(job, start, end), less, 1)


def _swapped(job: str, one: tuple[str, str], other: tuple[str, str], edit: tuple[str, str] = ("", "")) -> str:
    first, second = _part(job, *one), _part(job, *other)
    assert first + second in base(job)
    return base(job).replace(first + second, second + first.replace(*edit, 1), 1)


def _with_property(tag: str, inner: str) -> str:
    return base("inline").replace("<properties/>", f"<properties><{tag}>{inner}</{tag}></properties>")


def _described(text: str) -> str:
    return base("inline").replace("<description></description>", f"<description>{text}</description>")


VERSION = ("<hudson.model.StringParameterDefinition>", "</hudson.model.StringParameterDefinition>")
TO = ("<hudson.model.ChoiceParameterDefinition>", "</hudson.model.ChoiceParameterDefinition>")
DRY_RUN = ("<hudson.model.BooleanParameterDefinition>", "</hudson.model.BooleanParameterDefinition>")
PARAMETERS = ("<hudson.model.ParametersDefinitionProperty>", "</hudson.model.ParametersDefinitionProperty>")
TRIGGERS = (".PipelineTriggersJobProperty>", "</org.jenkinsci.plugins.workflow.job.properties.PipelineT")
DISCARDER = ("<jenkins.model.BuildDiscarderProperty>", "</jenkins.model.BuildDiscarderProperty>")
SHELL = ("<hudson.tasks.Shell>", "</hudson.tasks.Shell>")
MAVEN = ("<hudson.tasks.Maven>", "</hudson.tasks.Maven>")
STORE = (
    ".FolderCredentialsProvider_-FolderCredentialsProperty>",
    "</com.cloudbees.hudson.plugins.folder.properties.FolderC",
)
SECRET = ("<org.jenkinsci.plugins.plaincredentials", "</org.jenkinsci.plugins.plaincredentials")
EMPTY_STORE = (_part("folder", *STORE)).replace(_part("folder", *SECRET), "")
SOURCE = _part("multibranch", "<jenkins.branch.BranchSource>", "</jenkins.branch.BranchSource>")
TWO_SOURCES = base("multibranch").replace(SOURCE, SOURCE + SOURCE.replace("app.git", "two.git"))
# What the form of a multibranch project makes of one: a strategy, empty properties of folders, its own schedule.
FORM = (
    base("multibranch")
    .replace(
        "        </source>\n",
        '        </source>\n<strategy class="jenkins.branch.DefaultBranchPropertyStrategy"><properties'
        ' class="java.util.Arrays$ArrayList"><a class="jenkins.branch.BranchProperty-array"/></properties></strategy>',
    )
    .replace("H/6 * * * *", "H/5 * * * *")
    .replace(
        "<properties/>",
        "<properties><org.jenkinsci.plugins.workflow.libs.FolderLibraries><libraries/>"
        "</org.jenkinsci.plugins.workflow.libs.FolderLibraries><org.jenkinsci.plugins.pipeline.modeldefinition.config."
        'FolderConfig><dockerLabel></dockerLabel><registry plugin="docker-commons@1"/></org.jenkinsci.plugins.pipeline.'
        "modeldefinition.config.FolderConfig></properties>",
    )
)
RESULT = "<threshold><name>SUCCESS</name><ordinal>0</ordinal><color>BLUE</color></threshold>"
UPSTREAM = f"<jenkins.triggers.ReverseBuildTrigger>{RESULT}</jenkins.triggers.ReverseBuildTrigger>"
DOWNSTREAM = "<hudson.tasks.BuildTrigger>%s</hudson.tasks.BuildTrigger>"
POINTED = f"<project><triggers>{UPSTREAM}</triggers><publishers>{DOWNSTREAM}</publishers></project>"
POINTER = '<threshold reference="../../../triggers/jenkins.triggers.ReverseBuildTrigger/threshold"/>'
GIT_SOURCE = (
    "<org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject><sources><data><jenkins.branch.BranchSource>"
    '<source class="jenkins.plugins.git.GitSCMSource"><remote>r</remote>%s</source></jenkins.branch.BranchSource>'
    "</data></sources></org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject>"
)
ORGANISATION = (
    "<jenkins.branch.OrganizationFolder><navigators><org.jenkinsci.plugins.github__branch__source.GitHubSCMNavigator>"
    "<repoOwner>a</repoOwner>%s</org.jenkinsci.plugins.github__branch__source.GitHubSCMNavigator></navigators>"
    "<projectFactories><org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProjectFactory/>"
    "</projectFactories></jenkins.branch.OrganizationFolder>"
)
RATE = "jenkins.branch.RateLimitBranchProperty_-JobPropertyImpl"
THROTTLE = "<limit>%s</limit><throttleEnabled>%s</throttleEnabled><throttleOption>project</throttleOption>"
MARK = put_mark("", "me").replace("<", "&lt;")

PAIRS = [
    pytest.param(
        base("freestyle"),
        base("freestyle").replace("project>", "hudson.model.FreeStyleProject>"),
        [],
        id="root-by-its-class",
    ),
    pytest.param(
        base("folder"), base("folder").replace("hudson.model.ListView", "listView"), [], id="view-by-its-alias"
    ),
    pytest.param(base("pipeline"), base("pipeline").replace("git@5.7.0", "git@6.0"), [], id="plugin-upgraded"),
    pytest.param(*_without("pipeline", *DRY_RUN), ["parameters/DRY_RUN"], id="parameter-gone"),
    pytest.param(
        *_without("pipeline", *PARAMETERS),
        ["parameters/VERSION", "parameters/TO", "parameters/DRY_RUN", "parameters/PIN"],
        id="parameters-gone",
    ),
    pytest.param(
        *_without("pipeline", *TRIGGERS), ["triggers/SCM polling", "triggers/upstream jobs"], id="triggers-gone"
    ),
    pytest.param(*_without("pipeline", *DISCARDER), ["build discarder"], id="discarder-gone"),
    pytest.param(base("pipeline"), _swapped("pipeline", DISCARDER, PARAMETERS), [], id="properties-in-another-order"),
    pytest.param(
        base("pipeline"),
        _swapped("pipeline", VERSION, TO, (">1<", ">2<")),
        ["parameters/VERSION/default value", "parameters/order"],
        id="parameter-moved-and-edited",
    ),
    pytest.param(
        base("pipeline"),
        _swapped("pipeline", VERSION, TO, ("VERSION", "TAG")),
        ["parameters/VERSION/name", "parameters/order"],
        id="parameter-moved-and-renamed",
    ),
    pytest.param(
        base("pipeline"),
        base("pipeline").replace("VERSION", "TAG").replace(">1<", ">2<", 1),
        ["parameters/VERSION/name", "parameters/VERSION/default value"],
        id="parameter-renamed-and-edited",
    ),
    pytest.param(
        base("pipeline"),
        base("pipeline").replace("StringParameterDefinition", "TextParameterDefinition"),
        ["parameters/VERSION"],
        id="parameter-of-another-kind",
    ),
    pytest.param(
        base("freestyle"),
        _swapped("freestyle", SHELL, MAVEN, ("echo hi", "echo ho")),
        ["steps/shell/command", "steps/order"],
        id="step-moved-and-edited",
    ),
    pytest.param(
        base("freestyle"),
        base("freestyle").replace("tasks.Shell>", "tasks.BatchFile>"),
        ["steps/shell", "steps/batch"],
        id="step-of-another-kind",
    ),
    pytest.param(
        _with_property(RATE, "<durationName>hour</durationName><count>5</count>"),
        _with_property(RATE, "<durationName>hour</durationName><count>6</count><userBoost>false</userBoost>"),
        ["builds throttled/count"],
        id="throttle-changed",
    ),
    pytest.param(
        _with_property("a.ThrottleJobProperty", THROTTLE % (0, "false")),
        _with_property("a.ThrottleJobProperty", THROTTLE % (1, "true")),
        ["throttle/limit", "throttle/throttle enabled"],
        id="property-switched-on",
    ),
    pytest.param(
        _with_property("a.ThrottleJobProperty", THROTTLE % (0, "false")),
        base("inline"),
        [],
        id="property-that-was-off-gone",
    ),
    pytest.param(_described(f"a\nb{MARK}"), _described(f"a&#xd;\nb{MARK}"), [], id="line-ends-before-the-mark"),
    pytest.param(_described(f"a{MARK}"), _described("a"), [], id="mark-deleted"),
    pytest.param(*_without("folder", *SECRET), ["credentials/t"], id="last-credential-gone"),
    pytest.param(
        _without("folder", *STORE)[1],
        _without("folder", *STORE, less=EMPTY_STORE)[1],
        [],
        id="store-without-credentials",
    ),
    pytest.param(*_without("folder", *STORE), ["credentials"], id="store-gone"),
    pytest.param(base("multibranch"), FORM, [], id="form-of-a-multibranch"),
    pytest.param(
        base("multibranch"),
        FORM.replace("<numToKeep>20", "<numToKeep>21"),
        ["old branches/builds to keep"],
        id="form-of-a-multibranch-with-an-edit",
    ),
    pytest.param(
        base("multibranch"),
        FORM.replace("<dockerLabel>", "<dockerLabel>linux"),
        ["folder config"],
        id="form-of-a-multibranch-with-a-property",
    ),
    pytest.param(
        TWO_SOURCES,
        TWO_SOURCES.replace(">git<", ">key<", 1),
        ["sources/source/credentials"],
        id="one-of-two-sources",
    ),
    pytest.param(
        TWO_SOURCES,
        base("multibranch").replace(SOURCE, SOURCE.replace("app.git", "two.git") + SOURCE),
        ["sources/order"],
        id="sources-in-another-order",
    ),
    pytest.param(TWO_SOURCES, TWO_SOURCES.replace(SOURCE, ""), ["sources/source"], id="first-source-gone"),
    pytest.param(
        GIT_SOURCE % "<includes>*</includes><excludes></excludes>",
        GIT_SOURCE % "<id>7</id><traits><jenkins.plugins.git.traits.BranchDiscoveryTrait/></traits>",
        [],
        id="source-from-before-traits",
    ),
    pytest.param(
        ORGANISATION % "",
        ORGANISATION.replace(
            "Factory/>",
            "Factory><scriptPath>Jenkinsfile</scriptPath>"
            "</org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProjectFactory>",
        ).replace("</projectFactories>", "</projectFactories><buildStrategies/><disabled>false</disabled>")
        % "<apiUri>https://api.github.com</apiUri><enableAvatar>false</enableAvatar><traits/>",
        [],
        id="organisation-saved",
    ),
    pytest.param(
        ORGANISATION % "",
        ORGANISATION % "<credentialsId>c</credentialsId>",
        ["navigators/GitHub SCM navigator/credentials"],
        id="organisation-edited",
    ),
    pytest.param(POINTED % RESULT, POINTED % POINTER, [], id="written-as-a-reference"),
    pytest.param(
        POINTED % POINTER,
        POINTED.replace("SUCCESS", "UNSTABLE").replace(">0<", ">1<") % RESULT,
        ["triggers/upstream jobs/threshold/name"],
        id="edit-that-ends-a-reference",
    ),
]


@pytest.mark.parametrize(("before", "after", "fields"), PAIRS)
def test_edits_of_whole_parts(before: str, after: str, fields: list[str]) -> None:
    assert before != after
    assert paths(before, after) == fields
    assert bool(paths(after, before)) == bool(fields)


@pytest.mark.parametrize(("before", "after", "fields"), PAIRS)
def test_whole_parts_can_be_carried_over_and_back(before: str, after: str, fields: list[str]) -> None:
    old, new = parse_config(before), parse_config(after)
    for one, other in ((old, new), (new, old)):
        assert changes(graft(one, other, [each.steps for each in changes(one, other)]), other) == (), fields


def test_a_result_is_carried_over_with_its_number() -> None:
    before, after = parse_config(POINTED % RESULT), POINTED.replace("SUCCESS", "UNSTABLE").replace(">0<", ">1<")
    edited = parse_config(after % RESULT)
    merged = graft(before, edited, [each.steps for each in changes(before, edited)])
    assert "<name>UNSTABLE</name>" in serialise(merged)
    assert serialise(merged).count("<ordinal>1</ordinal>") == 1


def test_a_label_taken_away_leaves_no_project_tied_to_the_controller() -> None:
    before = parse_config(base("freestyle"))
    after = parse_config(
        base("freestyle").replace("<assignedNode>linux</assignedNode>", "").replace("Roam>false", "Roam>true")
    )
    merged = graft(before, after, [each.steps for each in changes(before, after)])
    assert "<canRoam>true</canRoam>" in serialise(merged)
