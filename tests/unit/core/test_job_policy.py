from __future__ import annotations

import pytest

from cictl.core.job_policy import Policy, policy_findings
from cictl.core.rendered_job import RenderedJob

POLICY = Policy(
    folder="shop", repository="https://git/p.git", branch="main", credential_folders={"kube": "deploy", "git": ""}
)
KEEPS = """<properties><jenkins.model.BuildDiscarderProperty><strategy class="hudson.tasks.LogRotator">
<daysToKeep>{}</daysToKeep><numToKeep>{}</numToKeep></strategy></jenkins.model.BuildDiscarderProperty></properties>"""
KEPT = KEEPS.format(-1, 20)
ORPHANS = """<orphanedItemStrategy><pruneDeadBranches>{}</pruneDeadBranches><daysToKeep>{}</daysToKeep>
<numToKeep>-1</numToKeep></orphanedItemStrategy>"""
SCM = """<definition class="org.jenkinsci.plugins.workflow.cps.CpsScmFlowDefinition">
<scm class="hudson.plugins.git.GitSCM">
<userRemoteConfigs><hudson.plugins.git.UserRemoteConfig><url>{}</url></hudson.plugins.git.UserRemoteConfig>
</userRemoteConfigs><branches><hudson.plugins.git.BranchSpec><name>{}</name></hudson.plugins.git.BranchSpec></branches>
</scm></definition>"""
PLATFORM = SCM.format("https://git/p.git", "refs/heads/main")
MULTIBRANCH = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"
FOLDER = "com.cloudbees.hudson.plugins.folder.Folder"
LIBRARY = "<{tag}><name>l</name>{{}}</{tag}>".format(tag="org.jenkinsci.plugins.workflow.libs.LibraryConfiguration")
PUSHED = "<triggers><hudson.triggers.SCMTrigger><spec/></hudson.triggers.SCMTrigger></triggers>"
FORKS = """<x.ForkPullRequestDiscoveryTrait><trust class="x.ForkPullRequestDiscoveryTrait$Trust{}"/>
</x.ForkPullRequestDiscoveryTrait>"""


def _parameter(name: str, default: str, *, of: str = "hudson.model.StringParameterDefinition") -> str:
    return f"<{of}><name>{name}</name><defaultValue>{default}</defaultValue></{of}>"


def _rules(xml: str, name: str = "shop/other/job", *, is_view: bool = False) -> list[str]:
    found = policy_findings(RenderedJob(name, xml, is_view, "jobs/a.yaml:3"), POLICY)
    return [finding.rule for finding in found]


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        pytest.param(f"<project>{KEPT}</project>", [], id="by-number"),
        pytest.param(f"<project>{KEEPS.format(3, -1)}</project>", [], id="by-days"),
        pytest.param(f"<project>{KEEPS.format(-1, -1)}</project>", ["retention"], id="discarder-that-keeps-all"),
        pytest.param(f"<project>{KEEPS.format('', '')}</project>", ["retention"], id="discarder-of-nothing"),
        pytest.param("<project/>", ["retention"], id="none"),
        pytest.param("<project><logRotator><numToKeep>3</numToKeep></logRotator></project>", [], id="old-form"),
        pytest.param(f"<{MULTIBRANCH}>{ORPHANS.format('true', 3)}</{MULTIBRANCH}>", [], id="multibranch"),
        pytest.param(f"<{MULTIBRANCH}>{ORPHANS.format('false', 3)}</{MULTIBRANCH}>", ["retention"], id="never-pruned"),
        pytest.param(f"<{MULTIBRANCH}>{ORPHANS.format('true', -1)}</{MULTIBRANCH}>", ["retention"], id="no-bound"),
        pytest.param(f"<{MULTIBRANCH}/>", ["retention"], id="multibranch-without"),
        pytest.param(f"<{FOLDER}/>", [], id="folder"),
    ],
)
def test_retention(xml: str, expected: list[str]) -> None:
    assert _rules(xml) == expected


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        pytest.param("<builders><hudson.tasks.Shell/></builders>", ["inline-shell"], id="shell"),
        pytest.param("<a><b><hudson.tasks.BatchFile/></b></a>", ["inline-shell"], id="batch-deep-inside"),
        pytest.param(
            '<definition class="org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition"/>', ["inline-shell"], id="script"
        ),
        pytest.param(
            '<definition class="org.jenkinsci.plugins.workflow.cps.CpsFlowDefinition"><script>x</script></definition>',
            ["inline-shell"],
            id="script-told-once",
        ),
        pytest.param('<buildStep class="hudson.tasks.Shell"/>', ["inline-shell"], id="shell-by-its-class"),
        pytest.param(
            "<hudson.tasks.Shell><command>x</command></hudson.tasks.Shell>", ["inline-shell"], id="shell-told-once"
        ),
        pytest.param("<x.Unknown><command>rm -rf q</command></x.Unknown>", ["inline-shell"], id="command-of-any"),
        pytest.param("<x.Unknown><command> </command></x.Unknown>", [], id="empty-command"),
        pytest.param("<x.E><presendScript>$DEFAULT_PRESEND_SCRIPT</presendScript></x.E>", [], id="jenkins-own-script"),
        pytest.param("<scriptSource><scriptFile>a.groovy</scriptFile></scriptSource>", [], id="script-in-a-file"),
        pytest.param("<builders><hudson.tasks.Ant/></builders>", [], id="no-script"),
        pytest.param("<password>hunter22</password>", ["plain-secret"], id="password"),
        pytest.param("<apiToken>hunter22</apiToken>", ["plain-secret"], id="token"),
        pytest.param("<password>{AQAAABAAAAAQ}</password>", [], id="encrypted"),
        pytest.param("<usePassword>true</usePassword>", [], id="a-flag"),
        pytest.param("<password></password>", [], id="empty"),
        pytest.param("<url>https://me:hunter22@git/x.git</url>", ["plain-secret"], id="in-an-address"),
        pytest.param("<url>https://git/x.git</url>", [], id="address"),
        pytest.param("<env>DB_PASSWORD=hunter22</env>", ["plain-secret"], id="in-a-text"),
        pytest.param("<env>DB_PASSWORD=$FROM_CREDENTIALS</env>", [], id="variable-in-a-text"),
        pytest.param("<key>-----BEGIN OPENSSH PRIVATE KEY-----</key>", ["plain-secret"], id="key"),
        pytest.param(
            "<hudson.model.PasswordParameterDefinition><defaultValue>x</defaultValue>"
            "</hudson.model.PasswordParameterDefinition>",
            ["plain-secret"],
            id="parameter",
        ),
        pytest.param(_parameter("A", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"), ["plain-secret"], id="looks-so"),
        pytest.param(_parameter("API_TOKEN", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"), ["plain-secret"], id="both"),
        pytest.param(_parameter("API_TOKEN", "hunter22"), ["plain-secret"], id="parameter-named-so"),
        pytest.param(_parameter("api-key", "hunter22"), ["plain-secret"], id="parameter-named-key"),
        pytest.param(_parameter("API_TOKEN", "${FROM_ELSEWHERE}"), [], id="parameter-that-refers"),
        pytest.param(_parameter("API_TOKEN", ""), [], id="parameter-without-default"),
        pytest.param(_parameter("ROTATE_TOKEN", "false"), [], id="parameter-that-is-a-flag"),
        pytest.param(_parameter("TOKEN_URL", "https://id.example.com/token"), [], id="parameter-of-an-address"),
        pytest.param(
            _parameter("API_TOKEN", "git-id", of="com.cloudbees.plugins.credentials.CredentialsParameterDefinition"),
            [],
            id="parameter-of-a-credential",
        ),
        pytest.param("<h><name>X-Token</name><value>hunter22</value></h>", ["plain-secret"], id="header"),
        pytest.param(_parameter("P", "x", of="hudson.model.PasswordParameterDefinition"), ["plain-secret"], id="once"),
        pytest.param(
            _parameter("MY_PASSWORD", "x", of="hudson.model.PasswordParameterDefinition"),
            ["plain-secret"],
            id="password-parameter-told-once",
        ),
        pytest.param(
            "<com.cloudbees.hudson.plugins.folder.properties.FolderCredentialsProvider_-FolderCredentialsProperty/>",
            ["plain-secret"],
            id="store",
        ),
        pytest.param(PUSHED, ["scm-trigger"], id="poll"),
        pytest.param("<com.cloudbees.jenkins.GitHubPushTrigger/>", ["scm-trigger"], id="github-push"),
        pytest.param("<hudson.triggers.TimerTrigger/>", [], id="timer"),
        pytest.param(LIBRARY.format(""), ["library-changesets"], id="library-by-default"),
        pytest.param(
            LIBRARY.format("<includeInChangesets>true</includeInChangesets>"), ["library-changesets"], id="library"
        ),
        pytest.param(LIBRARY.format("<includeInChangesets>false</includeInChangesets>"), [], id="quiet-library"),
        pytest.param("<credentialsId>kube</credentialsId>", ["credential-scope"], id="credential-of-another-folder"),
        pytest.param("<credentialsId>git</credentialsId>", [], id="credential-of-the-team"),
        pytest.param("<credentialsId>unknown</credentialsId>", [], id="credential-of-others"),
        pytest.param(FORKS.format("Contributors"), ["fork-trust"], id="trusts-contributors"),
        pytest.param(FORKS.format("Nobody"), [], id="trusts-nobody"),
    ],
)
def test_contents(inner: str, expected: list[str]) -> None:
    assert _rules(f"<project>{KEPT}{inner}</project>") == expected


@pytest.mark.parametrize(
    ("name", "inner", "expected"),
    [
        pytest.param("shop/admin/seed", PLATFORM + PUSHED, [], id="seed-may-be-pushed"),
        pytest.param("shop/deploy/seed", PLATFORM + PUSHED, ["scm-trigger"], id="another-seed-may-not"),
        pytest.param("shop/deploy/promote", PLATFORM, [], id="from-the-platform"),
        pytest.param("shop/deploy/promote", SCM.format("https://git/p.git", "main"), ["deploy-source"], id="any-main"),
        pytest.param(
            "shop/deploy/promote", SCM.format("https://git/other.git", "refs/heads/main"), ["deploy-source"], id="other"
        ),
        pytest.param("shop/deploy/promote", "", ["deploy-source"], id="no-pipeline"),
        pytest.param("shop/ci/checkout", "", [], id="ci-comes-from-anywhere"),
        pytest.param(
            "shop/deploy/promote", PLATFORM + "<credentialsId>kube</credentialsId>", [], id="credential-of-the-folder"
        ),
    ],
)
def test_place(name: str, inner: str, expected: list[str]) -> None:
    assert _rules(f"<flow-definition>{KEPT}{inner}</flow-definition>", name) == expected


def test_multibranch_pipelines_may_be_pushed() -> None:
    assert _rules(f"<{MULTIBRANCH}>{ORPHANS.format('true', 3)}{PUSHED}</{MULTIBRANCH}>", "shop/ci/x") == []


def test_views_break_nothing() -> None:
    assert _rules("<hudson.model.ListView/>", is_view=True) == []


def test_the_top_is_a_folder_too() -> None:
    policy = Policy(folder="", repository="https://git/p.git", branch="main")
    job = RenderedJob("deploy/promote", f"<flow-definition>{KEPT}</flow-definition>", is_view=False, source=None)
    assert [finding.rule for finding in policy_findings(job, policy)] == ["deploy-source"]


def test_a_finding_names_job_file_and_rule() -> None:
    (finding,) = policy_findings(RenderedJob("shop/a", "<project/>", is_view=False, source="jobs/a.yaml:3"), POLICY)
    assert str(finding).startswith("shop/a (jobs/a.yaml:3): keeps its builds for ever")
    assert str(finding).endswith("[retention]")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://git.example.com/a.git", []),
        ("git@git.example.com:a.git", []),
        ("", []),
        ("file:///srv/a", ["repository"]),
        ("/srv/a", ["repository"]),
        ("ext::sh -c x", ["repository"]),
    ],
)
def test_no_repository_on_a_disk(address: str, expected: list[str]) -> None:
    assert _rules(f"<{MULTIBRANCH}>{ORPHANS.format('true', 3)}<remote>{address}</remote></{MULTIBRANCH}>") == expected
