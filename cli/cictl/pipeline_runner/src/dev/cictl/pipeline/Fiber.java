package dev.cictl.pipeline;

import com.cloudbees.groovy.cps.Continuable;
import com.cloudbees.groovy.cps.Continuation;
import com.cloudbees.groovy.cps.Outcome;
import com.cloudbees.groovy.cps.impl.CpsCallableInvocation;
import com.cloudbees.groovy.cps.impl.SourceLocation;
import groovy.lang.GroovyRuntimeException;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.codehaus.groovy.runtime.ScriptBytecodeAdapter;

/** One line of execution of Groovy: the Jenkinsfile's own, or the body of a step. Used on the {@link Vm}'s thread. */
final class Fiber {
    private final Vm vm;
    private final Context context;
    private final Consumer<Outcome> onEnd;
    private Continuable program;
    private StepCall waitingFor;
    private Throwable interruption;
    private boolean hasEnded;

    Fiber(Vm vm, Context context, Consumer<Outcome> onEnd) {
        this.vm = vm;
        this.context = context;
        this.onEnd = onEnd;
    }

    Context context() {
        return context;
    }

    /** Calls CODE, and what it continues to. */
    void start(Callable<Object> code) {
        vm.enter(this);
        try {
            end(new Outcome(code.call(), null));
        } catch (Throwable thrown) {
            Throwable cause = thrown instanceof GroovyRuntimeException wrapped ? ScriptBytecodeAdapter.unwrap(wrapped) : thrown;
            if (cause instanceof CpsCallableInvocation invocation) {
                begin(invocation);
            } else {
                end(new Outcome(null, cause));
            }
        }
    }

    private void begin(CpsCallableInvocation invocation) {
        try {
            program = new Continuable(invocation.invoke(vm.callers(), SourceLocation.UNKNOWN, Continuation.HALT));
        } catch (Throwable thrown) {
            end(new Outcome(null, thrown));
            return;
        }
        resume(new Outcome(null, null));
    }

    /** Goes on with what the step brought. */
    void resume(Outcome outcome) {
        vm.enter(this);
        waitingFor = null;
        if (outcome.getAbnormal() != null) {
            Failures.addCallers(outcome.getAbnormal(), program.getStackTrace());
        }
        Outcome next = program.run0(outcome, Continuable.categories);
        if (!program.isResumable()) {
            end(next);
            return;
        }
        waitingFor = (StepCall) next.getNormal();
        Throwable unsaved = Checkpoint.problem(program);
        if (unsaved != null) {
            resume(new Outcome(null, unsaved));
        } else {
            waitingFor.start(this);
        }
    }

    /** Stops what it waits for; where it waits for nothing, its next step fails with CAUSE. False if it has ended. */
    boolean stop(Throwable cause) {
        if (hasEnded) {
            return false;
        }
        if (waitingFor != null) {
            waitingFor.stop(cause);
        } else {
            interruption = cause;
        }
        return true;
    }

    /** Has its next step fail with CAUSE. */
    void interruptLater(Throwable cause) {
        interruption = cause;
    }

    /** Throws what {@link #stop} left, once. */
    void checkInterruption() throws Throwable {
        Throwable cause = interruption;
        interruption = null;
        if (cause != null) {
            throw cause;
        }
    }

    private void end(Outcome outcome) {
        hasEnded = true;
        onEnd.accept(outcome);
    }
}
