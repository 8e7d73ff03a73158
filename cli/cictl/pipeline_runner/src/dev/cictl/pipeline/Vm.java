package dev.cictl.pipeline;

import com.cloudbees.groovy.cps.Env;
import com.cloudbees.groovy.cps.Envs;
import com.cloudbees.groovy.cps.sandbox.DefaultInvoker;
import com.cloudbees.groovy.cps.sandbox.SandboxInvoker;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The one thread that runs Groovy, as in Jenkins: fibers take turns on it, and give it up only at a step.
 *
 * <p>Steps run on threads of their own and come back by {@link #post}.
 */
final class Vm {
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final Sandbox sandbox;
    private final Env callers;
    private Fiber current;
    private boolean isDone;

    /** SANDBOX judges every call, if it is not null. */
    Vm(Sandbox sandbox) {
        this.sandbox = sandbox;
        callers = Envs.empty(sandbox == null ? new DefaultInvoker() : new SandboxInvoker());
    }

    /** Returns what code is called from: where no other code calls it. */
    Env callers() {
        return callers;
    }

    /** Has TASK run on this thread, after what is queued. */
    void post(Runnable task) {
        tasks.add(task);
    }

    /** Runs tasks until {@link #end}. */
    void run() throws InterruptedException {
        if (sandbox != null) {
            sandbox.register();
        }
        try {
            while (!isDone) {
                tasks.take().run();
            }
        } finally {
            if (sandbox != null) {
                sandbox.unregister();
            }
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
