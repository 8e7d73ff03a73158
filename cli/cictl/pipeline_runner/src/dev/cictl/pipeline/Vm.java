package dev.cictl.pipeline;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The one thread that runs Groovy, as in Jenkins: fibers take turns on it, and give it up only at a step.
 *
 * <p>Steps run on threads of their own and come back by {@link #post}.
 */
final class Vm {
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private Fiber current;
    private boolean isDone;

    /** Has TASK run on this thread, after what is queued. */
    void post(Runnable task) {
        tasks.add(task);
    }

    /** Runs tasks until {@link #end}. */
    void run() throws InterruptedException {
        while (!isDone) {
            tasks.take().run();
        }
    }

    void end() {
        isDone = true;
    }

    Fiber current() {
        return current;
    }

    void enter(Fiber fiber) {
        current = fiber;
    }
}
