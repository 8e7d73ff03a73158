package dev.cictl.test

/** How `error` and a failing `sh` end a build: hudson.AbortException in Jenkins. */
class BuildFailed extends IOException {
    BuildFailed(String message) {
        super(message)
    }
}
