package org.jenkinsci.plugins.workflow.steps

/** How Jenkins ends a step of a build that is aborted or out of time. */
class FlowInterruptedException extends InterruptedException {
}
