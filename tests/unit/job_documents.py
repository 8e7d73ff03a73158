"""Pieces of config.xml as Jenkins writes them, so that a row of a table of jobs is one line."""

from __future__ import annotations

FOLDER = "com.cloudbees.hudson.plugins.folder.Folder"
MULTIBRANCH = "org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject"
PARAMETERS = "hudson.model.ParametersDefinitionProperty"
STRING = "hudson.model.StringParameterDefinition"
TRIGGERS = "org.jenkinsci.plugins.workflow.job.properties.PipelineTriggersJobProperty"
DISCARDER = "jenkins.model.BuildDiscarderProperty"
GIT = '<scm class="hudson.plugins.git.GitSCM"><branches/>%s</scm>'
CRON = "<hudson.triggers.TimerTrigger><spec>%s</spec></hudson.triggers.TimerTrigger>"
POLL = "<hudson.triggers.SCMTrigger><spec>%s</spec></hudson.triggers.SCMTrigger>"
SHELL = "<hudson.tasks.Shell><command>%s</command></hudson.tasks.Shell>"
WORST = "com.cloudbees.hudson.plugins.folder.health.WorstChildHealthMetric"
METRIC = f"<healthMetrics><{WORST}><nonRecursive>false</nonRecursive></{WORST}></healthMetrics>"


def project(inner: str) -> str:
    return f"<project>{inner}</project>"


def pipeline(inner: str) -> str:
    return f"<flow-definition>{inner}</flow-definition>"


def folder(inner: str) -> str:
    return f"<{FOLDER}>{inner}</{FOLDER}>"


def multibranch(inner: str) -> str:
    return f"<{MULTIBRANCH}>{inner}</{MULTIBRANCH}>"


def source(inner: str) -> str:
    """Return a multibranch project with one source, of Git."""
    held = f'<source class="jenkins.plugins.git.GitSCMSource">{inner}</source>'
    return multibranch(
        f"<sources><data><jenkins.branch.BranchSource>{held}</jenkins.branch.BranchSource></data></sources>"
    )


def parameter(name: str, rest: str = "") -> str:
    return f"<{STRING}><name>{name}</name>{rest}</{STRING}>"


def parameters_property(*parameters: str) -> str:
    return f"<{PARAMETERS}><parameterDefinitions>{''.join(parameters)}</parameterDefinitions></{PARAMETERS}>"


def triggers_property(*triggers: str) -> str:
    return f"<{TRIGGERS}><triggers>{''.join(triggers)}</triggers></{TRIGGERS}>"


def all_view(name: str) -> str:
    view = f"<hudson.model.AllView><name>{name}</name><filterQueue>false</filterQueue></hudson.model.AllView>"
    holder = "com.cloudbees.hudson.plugins.folder.views.DefaultFolderViewHolder"
    return f'<folderViews class="{holder}"><views>{view}</views><primaryView>{name}</primaryView></folderViews>'
