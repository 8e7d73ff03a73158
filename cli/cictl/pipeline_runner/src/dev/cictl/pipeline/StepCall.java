package dev.cictl.pipeline;

import com.cloudbees.groovy.cps.Outcome;
import groovy.lang.Closure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;

/** One call of a step that takes time: its code runs on a thread of its own, its bodies as fibers. */
final class StepCall {
    /** What a step does. */
    interface Code {
        Object run(StepCall call) throws Throwable;
    }

    private final Vm vm;
    private final ExecutorService threads;
    private final Code code;
    private final List<Fiber> bodies = new ArrayList<>();
    private Fiber fiber;
    private Thread thread;
    private Throwable stopCause;
    private boolean isOver;

    StepCall(Vm vm, ExecutorService threads, Code code) {
        this.vm = vm;
        this.threads = threads;
        this.code = code;
    }

    Context context() {
        return fiber.context();
    }

    /** Begins, for CALLER, which is resumed when it is over. */
    void start(Fiber caller) {
        fiber = caller;
        threads.execute(this::run);
    }

    private void run() {
        synchronized (this) {
            thread = Thread.currentThread();
            if (stopCause != null) {
                thread.interrupt();
            }
        }
        Outcome outcome = outcome();
        synchronized (this) {
            thread = null;
            isOver = true;
        }
        Thread.interrupted(); // the thread goes back to the pool
        vm.post(() -> fiber.resume(outcome));
    }

    private Outcome outcome() {
        try {
            return new Outcome(code.run(this), null);
        } catch (InterruptedException interrupted) {
            return new Outcome(null, stopCause == null ? interrupted : stopCause);
        } catch (Throwable thrown) {
            return new Outcome(null, thrown);
        }
    }

    /** Runs BODY in INNER and returns its value, or throws what it threw. */
    Object body(Closure<?> body, Context inner, Object... arguments) throws Throwable {
        return await(begin(inner, () -> body.call(arguments)));
    }

    /** Runs CODE on the Groovy thread in INNER, as a body. */
    Object evaluate(Context inner, Callable<Object> groovy) throws Throwable {
        return await(begin(inner, groovy));
    }

    /** Starts CODE as a body, and does not wait. */
    Body begin(Context inner, Callable<Object> groovy) throws Throwable {
        CompletableFuture<Outcome> end = new CompletableFuture<>();
        Fiber[] started = new Fiber[1];
        started[0] = new Fiber(vm, inner, outcome -> {
            forget(started[0]);
            end.complete(outcome);
        });
        synchronized (this) {
            checkStopped();
            bodies.add(started[0]);
        }
        vm.post(() -> started[0].start(groovy));
        return new Body(started[0], end);
    }

    /** A body under way. */
    record Body(Fiber fiber, CompletableFuture<Outcome> end) {}

    /** Waits for BODY, which is always ended first when the step is to stop. */
    Object await(Body body) throws Throwable {
        return body.end().join().replay();
    }

    /** Stops BODY with CAUSE. */
    void stop(Body body, Throwable cause) {
        vm.post(() -> body.fiber().stop(cause));
    }

    /** Stops BODY, or this once more where the body has ended meanwhile. */
    private void stop(Fiber body, Throwable cause) {
        if (!body.stop(cause)) {
            stop(cause);
        }
    }

    private synchronized void forget(Fiber body) {
        bodies.remove(body);
    }

    /** Throws the cause where the step is to stop. */
    synchronized void checkStopped() throws Throwable {
        if (stopCause != null) {
            throw stopCause;
        }
    }

    /** Stops the bodies under way; a step without one is interrupted. */
    synchronized void stop(Throwable cause) {
        if (!bodies.isEmpty()) {
            List.copyOf(bodies).forEach(each -> vm.post(() -> stop(each, cause)));
            return;
        }
        stopCause = cause;
        if (isOver) {
            vm.post(() -> fiber.interruptLater(cause));
        }
        if (thread != null) {
            thread.interrupt();
        }
    }
}
