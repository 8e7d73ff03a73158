package org.jenkinsci.plugins.workflow.steps;

import jenkins.model.CauseOfInterruption;

/** Holds the cause with which `timeout` stops its body, under the name by which pipelines know it. */
public final class TimeoutStepExecution {
    private TimeoutStepExecution() {}

    /** The time is over. */
    public static final class ExceededTimeout extends CauseOfInterruption {
        private static final long serialVersionUID = 1L;

        public ExceededTimeout() {
            super("Timeout has been exceeded");
        }
    }
}
