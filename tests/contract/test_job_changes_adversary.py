"""The comparer on edits of every field that forms offer, and on what saves, forms and plugins do by themselves.

`job_edits` has a config.xml for each type of job, and beside it what is done to it: a piece of text, what stands in
its place afterwards, and the fields that must be named, none for what nobody edited.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from cictl.core.job_changes import changes, compare_configs
from cictl.core.job_graft import graft
from cictl.core.job_marks import put_mark
from cictl.core.job_three_way import Side, three_way
from cictl.core.job_xml import Element, parse_config, serialise

EDITS = Path(__file__).parent / "job_edits"
JOBS = sorted(each.stem for each in EDITS.glob("*.xml"))
CASES_OF: dict[str, list[dict[str, Any]]] = {
    job: yaml.safe_load((EDITS / f"{job}.yaml").read_text(encoding="utf-8")) for job in JOBS
}
CASES = [pytest.param(job, case, id=f"{job}-{case['what']}") for job in JOBS for case in CASES_OF[job]]
# Of two equal steps no one can say which was there before; for these the position is another.
POSITIONS = {"second shell that is equal": ["steps/shell 1"]}
# A generator that leaves `false` and empty lists out cannot say these.
DEFAULTED = frozenset({"default excludes off", "metric gone", "no metrics", "view's old filter", "id gone"})
REPLACING = ("another", "second", "timeout of another")
TEXTS = frozenset({"defaultValue", "script", "string"})


@cache
def _base(job: str) -> str:
    return (EDITS / f"{job}.xml").read_text(encoding="utf-8")


def _edited(job: str, case: dict[str, Any]) -> str:
    assert case["from"] in _base(job)
    return _base(job).replace(case["from"], case["to"], 1)


def _paths(before: str, after: str) -> list[str]:
    return ["/".join(each.path) for each in compare_configs(before, after)]


def _lean(element: Element) -> Element:
    """Leave out what a generator leaves out: versions of plugins, fields that are false or empty."""
    inner = [_lean(each) for each in element.children]
    attributes = tuple((name, value) for name, value in element.attributes if name != "plugin")
    return Element(element.tag, attributes, element.text, tuple(each for each in inner if not _goes_unsaid(each)))


def _goes_unsaid(leaf: Element) -> bool:
    is_bare = not leaf.children and not leaf.attributes and "." not in leaf.tag and leaf.tag not in TEXTS
    return is_bare and leaf.text.strip() in {"", "false"}


@cache
def _generated(job: str) -> str:
    lean = serialise(_lean(parse_config(_base(job)))).partition("\n")[2]
    return '<?xml version="1.0" encoding="UTF-8"?>' + lean.replace("\n", "\r\n")


@pytest.mark.parametrize(("job", "case"), CASES)
def test_an_edit_is_called_by_its_field_and_a_save_by_none(job: str, case: dict[str, Any]) -> None:
    after = _edited(job, case)
    assert _paths(_base(job), after) == case["fields"]
    assert bool(_paths(after, _base(job))) == bool(case["fields"])


@pytest.mark.parametrize("job", JOBS)
def test_the_first_save_of_what_was_generated_is_no_edit(job: str) -> None:
    assert _generated(job) != _base(job)
    assert _paths(_generated(job), _base(job)) == []
    assert _paths(_base(job), _generated(job)) == []


@pytest.mark.parametrize(("job", "case"), CASES)
def test_an_edit_is_found_beneath_what_the_first_save_adds(job: str, case: dict[str, Any]) -> None:
    found = _paths(_generated(job), _edited(job, case))
    assert sorted(found) == sorted(POSITIONS.get(case["what"], case["fields"]))


@pytest.mark.parametrize(("job", "case"), CASES)
def test_what_moved_can_be_carried_over_and_back(job: str, case: dict[str, Any]) -> None:
    before, after = parse_config(_base(job)), parse_config(_edited(job, case))
    for old, new in ((before, after), (after, before)):
        assert changes(graft(old, new, [each.steps for each in changes(old, new)]), new) == ()


def _part(job: str, start: str, end: str) -> str:
    """Return the lines of JOB from the one with START up to the first one with END after it."""
    text = _base(job)
    first = text.rindex("\n", 0, text.index(start)) + 1
    return text[first : text.index("\n", text.index(end, first)) + 1]


def _without(job: str, start: str, end: str, *, less: str = "") -> tuple[str, str]:
    return _base(job), _base(job).replace(_part(job, start, end), less, 1)


def _swapped(job: str, one: tuple[str, str], other: tuple[str, str], edit: tuple[str, str] = ("", "")) -> str:
    first, second = _part(job, *one), _part(job, *other)
    assert first + second in _base(job)
    return _base(job).replace(first + second, second + first.replace(*edit, 1), 1)


def _with_property(tag: str, inner: str) -> str:
    return _base("inline").replace("<properties/>", f"<properties><{tag}>{inner}</{tag}></properties>")


def _described(text: str) -> str:
    return _base("inline").replace("<description></description>", f"<description>{text}</description>")


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
TWO_SOURCES = _base("multibranch").replace(SOURCE, SOURCE + SOURCE.replace("app.git", "two.git"))
# What the form of a multibranch project makes of one: a strategy, empty properties of folders, its own schedule.
FORM = (
    _base("multibranch")
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
        _base("freestyle"),
        _base("freestyle").replace("project>", "hudson.model.FreeStyleProject>"),
        [],
        id="root-by-its-class",
    ),
    pytest.param(
        _base("folder"), _base("folder").replace("hudson.model.ListView", "listView"), [], id="view-by-its-alias"
    ),
    pytest.param(_base("pipeline"), _base("pipeline").replace("git@5.7.0", "git@6.0"), [], id="plugin-upgraded"),
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
    pytest.param(_base("pipeline"), _swapped("pipeline", DISCARDER, PARAMETERS), [], id="properties-in-another-order"),
    pytest.param(
        _base("pipeline"),
        _swapped("pipeline", VERSION, TO, (">1<", ">2<")),
        ["parameters/VERSION/default value", "parameters/order"],
        id="parameter-moved-and-edited",
    ),
    pytest.param(
        _base("pipeline"),
        _swapped("pipeline", VERSION, TO, ("VERSION", "TAG")),
        ["parameters/VERSION/name", "parameters/order"],
        id="parameter-moved-and-renamed",
    ),
    pytest.param(
        _base("pipeline"),
        _base("pipeline").replace("VERSION", "TAG").replace(">1<", ">2<", 1),
        ["parameters/VERSION/name", "parameters/VERSION/default value"],
        id="parameter-renamed-and-edited",
    ),
    pytest.param(
        _base("pipeline"),
        _base("pipeline").replace("StringParameterDefinition", "TextParameterDefinition"),
        ["parameters/VERSION"],
        id="parameter-of-another-kind",
    ),
    pytest.param(
        _base("freestyle"),
        _swapped("freestyle", SHELL, MAVEN, ("echo hi", "echo ho")),
        ["steps/shell/command", "steps/order"],
        id="step-moved-and-edited",
    ),
    pytest.param(
        _base("freestyle"),
        _base("freestyle").replace("tasks.Shell>", "tasks.BatchFile>"),
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
        _base("inline"),
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
    pytest.param(_base("multibranch"), FORM, [], id="form-of-a-multibranch"),
    pytest.param(
        _base("multibranch"),
        FORM.replace("<numToKeep>20", "<numToKeep>21"),
        ["old branches/builds to keep"],
        id="form-of-a-multibranch-with-an-edit",
    ),
    pytest.param(
        _base("multibranch"),
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
        _base("multibranch").replace(SOURCE, SOURCE.replace("app.git", "two.git") + SOURCE),
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
    assert _paths(before, after) == fields
    assert bool(_paths(after, before)) == bool(fields)


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
    before = parse_config(_base("freestyle"))
    after = parse_config(
        _base("freestyle").replace("<assignedNode>linux</assignedNode>", "").replace("Roam>false", "Roam>true")
    )
    merged = graft(before, after, [each.steps for each in changes(before, after)])
    assert "<canRoam>true</canRoam>" in serialise(merged)


def _are_apart(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two edits are of different places, and neither gives the other's place another name or class."""
    is_other_place = not set(one["fields"]) & set(other["fields"]) and one["from"] not in other["from"]
    return is_other_place and not any(each["what"].startswith(REPLACING) for each in (one, other))


@pytest.mark.parametrize("job", JOBS)
def test_two_edits_are_two(job: str) -> None:
    """Edits of one job at once, as far as they stand in different places, are the edits one by one."""
    cases = CASES_OF[job]
    together = 0
    for distance in range(1, 7):
        for one, other in zip(cases, cases[distance:], strict=False):
            after = _edited(job, one)
            if after.count(other["from"]) == 1 and _are_apart(one, other):
                found = set(_paths(_base(job), after.replace(other["from"], other["to"])))
                assert found == {*one["fields"], *other["fields"]}, (one["what"], other["what"])
                together += 1
    assert together >= 2 * len(cases)


@pytest.mark.parametrize("job", JOBS)
def test_an_edit_in_git_and_another_in_jenkins_are_told_apart(job: str) -> None:
    """Each is called by who made it, or both are a conflict; what is no conflict can be merged."""
    sent, saved, merged = parse_config(_generated(job)), parse_config(_base(job)), 0
    cases = [each for each in CASES_OF[job] if each["what"] not in DEFAULTED]
    for in_git, in_jenkins in (*zip(cases, cases[3:], strict=False), *zip(cases[1:], cases, strict=False)):
        together = _edited(job, in_git)
        if together.count(in_jenkins["from"]) != 1 or not _are_apart(in_git, in_jenkins):
            continue
        wanted, there = _lean(parse_config(_edited(job, in_git))), parse_config(_edited(job, in_jenkins))
        fields = three_way(wanted, there, sent, saved)
        if not any(each.side is Side.BOTH for each in fields):
            theirs = [each for each in fields if each.side is Side.JENKINS]
            assert ["/".join(each.path) for each in theirs] == in_jenkins["fields"]
            both = parse_config(together.replace(in_jenkins["from"], in_jenkins["to"]))
            assert changes(graft(wanted, there, [each.steps for each in theirs]), both) == (), (in_git, in_jenkins)
            merged += 1
    assert merged > len(cases) // 4


def test_an_edit_of_a_source_with_an_invented_id_is_carried_to_one_without() -> None:
    text = _base("multibranch")
    identified = "<id>gt-https://git.example.com/app.git</id>"
    wanted, saved = parse_config(text.replace(identified, "")), parse_config(text)
    there = parse_config(text.replace(">git<", ">key<"))
    (field,) = three_way(wanted, there, wanted, saved)
    merged = serialise(graft(wanted, there, [field.steps]))
    assert merged.count("<jenkins.branch.BranchSource>") == 1
    assert "<credentialsId>key<" in merged


def test_a_long_script_takes_no_time() -> None:
    script = "echo 'x' // http://u:p@h\n" * 20_000
    before = _base("inline").replace("agent any", script)
    assert _paths(before, before.replace("agent any", "x")) == []
    assert _paths(before, _base("inline").replace("agent any", script + "y")) == ["script"]
