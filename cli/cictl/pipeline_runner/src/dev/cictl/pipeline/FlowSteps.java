package dev.cictl.pipeline;

import hudson.AbortException;
import hudson.model.Result;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;

/** Steps that decide whether, how often and in what surroundings their body runs. */
final class FlowSteps {
    private static final long LONGEST_WAIT_MILLIS = 15_000;

    private final Build build;
    private final Map<String, Semaphore> locks = new ConcurrentHashMap<>();

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
        steps.put("catchError", (call, args) -> flow.catching(call, args, Result.FAILURE));
        steps.put("warnError", (call, args) -> flow.catching(call, args, Result.UNSTABLE));
        steps.put("timeout", new TimeoutStep(build));
        steps.put("waitUntil", flow::waitUntil);
        steps.put("lock", flow::lock);
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
            } catch (Exception failure) {
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

    private Object catching(StepCall call, Args args, Result otherwise) throws Throwable {
        try {
            return call.body(args.body(), call.context());
        } catch (Exception failure) {
            Result result = Result.fromString(args.text("buildResult", otherwise.name()));
            Result own = Result.fromString(args.text("stageResult", args.text("buildResult", otherwise.name())));
            if (failure instanceof FlowInterruptedException interruption) {
                if (!args.flag("catchInterruptions", true)) {
                    throw failure;
                }
                result = own = interruption.getResult();
            }
            if (args.has("message")) {
                build.log(call.context(), args.text("message"));
            }
            build.log(call.context(), "ERROR: " + Failures.message(failure));
            build.mark(result);
            if (call.context().stage() != null) {
                call.context().stage().mark(own);
            }
            return null;
        }
    }

    private Object waitUntil(StepCall call, Args args) throws Throwable {
        long pause = args.number("initialRecurrencePeriod", 250);
        while (true) {
            Object value = call.body(args.body(), call.context());
            if (!(value instanceof Boolean isDone)) {
                throw new AbortException("body return value " + value + " is not boolean");
            }
            if (isDone) {
                return null;
            }
            Thread.sleep(pause);
            pause = Math.min(LONGEST_WAIT_MILLIS, Math.round(pause * 1.2));
        }
    }

    private Object lock(StepCall call, Args args) throws Throwable {
        List<String> names = resources(args);
        String said = "[" + String.join(", ", names) + "]";
        build.log(call.context(), "Trying to acquire lock on " + said);
        List<Semaphore> held = new ArrayList<>();
        try {
            for (String name : names.stream().sorted().toList()) {
                Semaphore semaphore = locks.computeIfAbsent(name, each -> new Semaphore(1, true));
                semaphore.acquire();
                held.add(semaphore);
            }
            build.log(call.context(), "Lock acquired on " + said);
            Context inner = args.has("variable")
                    ? call.context().with(Map.of(args.text("variable"), names.get(0)), Map.of())
                    : call.context();
            return call.body(args.body(), inner);
        } finally {
            held.forEach(Semaphore::release);
            build.log(call.context(), "Lock released on " + said);
        }
    }

    private static List<String> resources(Args args) throws AbortException {
        List<String> names = new ArrayList<>();
        if (args.has("resource") || args.has("label")) {
            names.add(args.text("resource", args.text("label", "")));
        }
        for (Object each : args.list("extra")) {
            if (each instanceof Map<?, ?> map) {
                Object name = map.get("resource") == null ? map.get("label") : map.get("resource");
                names.add(String.valueOf(name));
            }
        }
        if (names.isEmpty()) {
            throw new AbortException("Either resource label or resource name must be specified");
        }
        return names;
    }

    private Object load(StepCall call, Args args) throws Throwable {
        Path file = FileSteps.folder("load", call.context()).resolve(args.text("path"));
        return call.evaluate(call.context(), () -> build.loader().script(file).run());
    }

}
