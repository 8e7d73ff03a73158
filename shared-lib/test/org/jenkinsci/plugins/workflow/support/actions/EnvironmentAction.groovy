package org.jenkinsci.plugins.workflow.support.actions

/** What `env` is in Jenkins, for the one call of it that the sandbox refuses. */
interface EnvironmentAction {
    Map<String, String> getEnvironment()
}
