package org.jenkinsci.plugins.workflow.steps;

import hudson.model.Result;

/** Somebody or something stops a step from outside, under the name by which pipelines catch it. */
public final class FlowInterruptedException extends InterruptedException {
    private static final long serialVersionUID = 1L;

    private static final String FAIL_FAST = "Failed in branch ";

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

    /** Whether it stops a branch of `parallel` because another one failed, which alone is to blame then. */
    public boolean isFailFast() {
        return getMessage() != null && getMessage().startsWith(FAIL_FAST);
    }

    /** Returns what stops the others when BRANCH fails. */
    public static FlowInterruptedException failFast(String branch) {
        return new FlowInterruptedException(Result.ABORTED, FAIL_FAST + branch);
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
