package org.jenkinsci.plugins.workflow.support.steps.build

/** `currentBuild`, called as in Jenkins, so that the sandbox names it as there. */
class RunWrapper implements Serializable {
    String description
    String displayName = '#1'
    String result
    int number = 1

    String getCurrentResult() {
        return result ?: 'SUCCESS'
    }

    List<Map<String, String>> getBuildCauses() {
        return [[
            _class: 'hudson.model.Cause$UserIdCause',
            shortDescription: 'Started by user admin',
            userId: 'admin',
            userName: 'admin',
        ]]
    }

    Object getRawBuild() {
        return this
    }
}
