package org.jenkinsci.plugins.workflow.steps;

import hudson.model.Result;
import java.util.List;
import java.util.stream.Collectors;
import jenkins.model.CauseOfInterruption;

/** Somebody or something stops a step from outside, under the name by which pipelines catch it, or throw it. */
public final class FlowInterruptedException extends InterruptedException {
    private static final long serialVersionUID = 1L;

    private static final String FAIL_FAST = "Failed in branch ";

    private final Result result;
    private final boolean isActual;
    private final List<CauseOfInterruption> causes;

    public FlowInterruptedException(Result result, boolean isActual, CauseOfInterruption... causes) {
        this(result, isActual, List.of(causes));
    }

    public FlowInterruptedException(Result result, CauseOfInterruption... causes) {
        this(result, true, causes);
    }

    private FlowInterruptedException(Result result, boolean isActual, List<CauseOfInterruption> causes) {
        super(causes.isEmpty() ? null : causes.stream().map(Object::toString).collect(Collectors.joining(", ")));
        this.result = result;
        this.isActual = isActual;
        this.causes = causes;
    }

    public Result getResult() {
        return result;
    }

    /** Returns what it was stopped by. */
    public List<CauseOfInterruption> getCauses() {
        return causes;
    }

    /** Whether it stops a branch of `parallel` because another one failed, which alone is to blame then. */
    public boolean isFailFast() {
        return getMessage() != null && getMessage().startsWith(FAIL_FAST);
    }

    /** Returns what stops the others when BRANCH fails. */
    public static FlowInterruptedException failFast(String branch) {
        return new FlowInterruptedException(Result.ABORTED, new CauseOfInterruption(FAIL_FAST + branch));
    }

    /** Whether a `timeout` step is the cause. */
    public boolean isTimeout() {
        return causes.stream().anyMatch(TimeoutStepExecution.ExceededTimeout.class::isInstance);
    }

    /** Whether the whole is to end, so that `retry` must not try again. */
    public boolean isActualInterruption() {
        return isActual;
    }

    /** Returns the same, as seen outside of the `timeout` that raised it: an ordinary failure, which may be retried. */
    public FlowInterruptedException settled() {
        return new FlowInterruptedException(result, false, causes);
    }
}
