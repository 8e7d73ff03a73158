package dev.cictl.pipeline;

import hudson.model.Result;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;
import org.jenkinsci.plugins.workflow.steps.TimeoutStepExecution.ExceededTimeout;

/** `timeout`: stops its body after a time, or after as long without output. */
final class TimeoutStep implements Steps.Slow {
    private final Build build;
    private final ScheduledExecutorService timer;

    TimeoutStep(Build build) {
        this.build = build;
        ScheduledThreadPoolExecutor pool = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "timeouts");
            thread.setDaemon(true);
            return thread;
        });
        pool.setRemoveOnCancelPolicy(true);
        timer = pool;
    }

    @Override
    public Object run(StepCall call, Args args) throws Throwable {
        long nanos = args.unit("unit", TimeUnit.MINUTES).toNanos(args.number("time", 0));
        boolean isOfActivity = args.flag("activity", false);
        build.log(call.context(), "Timeout set to expire " + (isOfActivity ? "after " : "in ")
                + Durations.text(nanos / 1_000_000) + (isOfActivity ? " without activity" : ""));
        FlowInterruptedException expiry = new FlowInterruptedException(Result.ABORTED, new ExceededTimeout());
        StepCall.Body body = call.begin(call.context(), () -> args.body().call());
        watch(call, body, expiry, nanos, isOfActivity);
        try {
            return call.await(body);
        } catch (FlowInterruptedException thrown) {
            throw thrown == expiry ? thrown.settled() : thrown;
        }
    }

    private void watch(StepCall call, StepCall.Body body, Throwable expiry, long nanos, boolean isOfActivity) {
        long[] began = {System.nanoTime()};
        Runnable[] look = new Runnable[1];
        look[0] = () -> {
            if (body.end().isDone()) {
                return;
            }
            long since = isOfActivity ? Math.max(began[0], build.lastLogNanos()) : began[0];
            long left = nanos - (System.nanoTime() - since);
            if (left > 0) {
                timer.schedule(look[0], left, TimeUnit.NANOSECONDS);
            } else {
                build.log(call.context(), "Cancelling nested steps due to timeout");
                call.stop(body, expiry);
            }
        };
        var pending = timer.schedule(look[0], nanos, TimeUnit.NANOSECONDS);
        body.end().whenComplete((outcome, thrown) -> pending.cancel(false));
    }
}
