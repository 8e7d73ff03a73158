package org.jenkinsci.plugins.workflow.steps;

import hudson.model.Result;

/** Somebody or something stops a step from outside, under the name by which pipelines catch it. */
public final class FlowInterruptedException extends InterruptedException {
    private static final long serialVersionUID = 1L;

    private final Result result;
    private final boolean isTimeout;
    private final boolean isActual;

    public FlowInterruptedException(Result result, String cause, boolean isTimeout, boolean isActual) {
        super(cause);
        this.result = result;
        this.isTimeout = isTimeout;
        this.isActual = isActual;
    }

    public FlowInterruptedException(Result result, String cause) {
        this(result, cause, false, true);
    }

    public Result getResult() {
        return result;
    }

    /** Whether a `timeout` step is the cause. */
    public boolean isTimeout() {
        return isTimeout;
    }

    /** Whether the whole is to end, so that `retry` must not try again. */
    public boolean isActualInterruption() {
        return isActual;
    }

    /** Returns the same, as seen outside of the `timeout` that raised it: an ordinary failure, which may be retried. */
    public FlowInterruptedException settled() {
        return new FlowInterruptedException(result, getMessage(), isTimeout, false);
    }
}
