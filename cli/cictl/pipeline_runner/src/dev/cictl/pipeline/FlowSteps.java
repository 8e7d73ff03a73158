package dev.cictl.pipeline;

import hudson.AbortException;
import hudson.model.Result;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;

/** Steps that decide whether, how often and in what surroundings their body runs. */
final class FlowSteps {
    private static final long LONGEST_WAIT_MILLIS = 15_000;

    private final Build build;

    private FlowSteps(Build build) {
        this.build = build;
    }

    static void addTo(Map<String, Steps.Slow> steps, Build build) {
        FlowSteps flow = new FlowSteps(build);
        steps.put("sleep", flow::sleep);
        steps.put("script", (call, args) -> call.body(args.body(), call.context()));
        steps.put("ansiColor", (call, args) -> call.body(args.body(), call.context()));
        steps.put("wrap", (call, args) -> call.body(args.body(), call.context()));
        steps.put("timestamps", (call, args) -> call.body(args.body(), call.context().withTimes()));
        steps.put("withEnv", flow::withEnv);
        steps.put("retry", flow::retry);
        steps.put("catchError", (call, args) -> flow.catching(call, args, Result.FAILURE, Result.SUCCESS));
        steps.put("warnError", (call, args) -> flow.catching(call, args, Result.UNSTABLE, Result.UNSTABLE));
        steps.put("timeout", new TimeoutStep(build));
        steps.put("waitUntil", flow::waitUntil);
        steps.put("lock", new LockStep(build));
        steps.put("load", flow::load);
    }

    private Object sleep(StepCall call, Args args) throws Exception {
        TimeUnit unit = args.unit("unit", TimeUnit.SECONDS);
        long time = args.number("time", 0);
        build.log(call.context(), "Sleeping for " + Durations.text(unit.toMillis(time)));
        if (!build.request().isDryRun()) {
            unit.sleep(time);
        }
        return null;
    }

    private Object withEnv(StepCall call, Args args) throws Throwable {
        Map<String, String> variables = new LinkedHashMap<>();
        for (Object each : args.list("overrides")) {
            String pair = each.toString();
            int equals = pair.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("withEnv needs NAME=VALUE, not " + pair);
            }
            variables.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return call.body(args.body(), call.context().with(variables, build.environment(call.context())));
    }

    private Object retry(StepCall call, Args args) throws Throwable {
        long left = args.number("count", 1);
        while (true) {
            try {
                return call.body(args.body(), call.context());
            } catch (Throwable failure) { // an `assert` that does not hold is tried again as well
                boolean isEnd = failure instanceof FlowInterruptedException stop && stop.isActualInterruption();
                // Conditions are losses of the agent or of Jenkins, which do not happen here.
                if (isEnd || --left <= 0 || args.has("conditions")) {
                    throw failure;
                }
                build.log(call.context(), "ERROR: " + Failures.message(failure));
                build.log(call.context(), "Retrying");
            }
        }
    }

    /** Goes on after a failure, which BUILD RESULT and STAGE RESULT tell of unless ARGS name others. */
    private Object catching(StepCall call, Args args, Result buildResult, Result stageResult) throws Throwable {
        try {
            call.body(args.body(), call.context());
        } catch (FlowInterruptedException stop) {
            if (stop.isActualInterruption() && !args.flag("catchInterruptions", true)) {
                throw stop;
            }
            goOn(call, args, Failures.message(stop), stop.getResult(), stop.getResult());
        } catch (Throwable failure) {
            goOn(call, args, "ERROR: " + Failures.message(failure),
                    result(args, "buildResult", buildResult), result(args, "stageResult", stageResult));
        }
        return null; // also where nothing failed, as nothing else could be returned
    }

    /** Returns the result that ARGS name as NAME: null is one that changes nothing, as Jenkins documents. */
    private static Result result(Args args, String name, Result otherwise) {
        Result none = args.values().containsKey(name) ? Result.SUCCESS : otherwise;
        return Result.fromString(args.text(name, none.name()));
    }

    /** Says what ARGS and MESSAGE say, and marks the build and the stage of CALL. */
    private void goOn(StepCall call, Args args, String message, Result ofBuild, Result ofStage) {
        if (args.has("message")) {
            build.log(call.context(), "ERROR: " + args.text("message"));
        }
        build.log(call.context(), message);
        if (ofBuild.isWorseThan(Result.SUCCESS)) { // else currentBuild.result stays null
            build.mark(ofBuild);
        }
        if (call.context().stage() != null) {
            call.context().stage().mark(ofStage);
        }
    }

    private Object waitUntil(StepCall call, Args args) throws Throwable {
        long pause = args.number("initialRecurrencePeriod", 250);
        while (true) {
            Object value = call.body(args.body(), call.context());
            if (!(value instanceof Boolean isDone)) {
                throw new ClassCastException("body return value " + value + " is not boolean");
            }
            if (isDone) {
                return null;
            }
            if (!args.flag("quiet", false)) {
                build.log(call.context(), "Will try again after " + Durations.text(pause));
            }
            Thread.sleep(pause);
            pause = Math.min(LONGEST_WAIT_MILLIS, Math.round(pause * 1.2));
        }
    }

    private Object load(StepCall call, Args args) throws Throwable {
        Path file = FileSteps.folder("load", call.context()).resolve(args.text("path"));
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        return call.evaluate(call.context(), () -> build.loader().script(file).run());
    }
}
