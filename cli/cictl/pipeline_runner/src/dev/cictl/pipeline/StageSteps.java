package dev.cictl.pipeline;

import com.cloudbees.groovy.cps.Outcome;
import groovy.lang.Closure;
import hudson.AbortException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;

/** Steps that give a build its shape: stages, nodes, parallel branches. */
final class StageSteps {
    private static final String COOKIE = "JENKINS_NODE_COOKIE";

    private final Build build;

    private StageSteps(Build build) {
        this.build = build;
    }

    static void addTo(Map<String, Steps.Slow> steps, Build build) {
        StageSteps stages = new StageSteps(build);
        steps.put("stage", stages::stage);
        steps.put("node", stages::node);
        steps.put("ws", stages::workspace);
        steps.put("parallel", stages::parallel);
    }

    private Object stage(StepCall call, Args args) throws Throwable {
        Stage stage = build.enter(args.text("name"), call.context());
        Context inner = call.context().in(stage).with(Map.of("STAGE_NAME", stage.name), Map.of());
        try {
            Object value = call.body(args.body(), inner);
            build.leave(stage, stage.result().name(), null);
            return value;
        } catch (Throwable thrown) {
            stage.mark(Build.resultOf(thrown));
            build.leave(stage, stage.result().name(), Failures.message(thrown));
            throw thrown;
        }
    }

    private Object node(StepCall call, Args args) throws Throwable {
        Context inner = onNode(build, call.context(), null);
        try {
            return call.body(args.body(), inner);
        } finally {
            leave(inner);
        }
    }

    /** Ends what was left in the background on the node of CONTEXT, as Jenkins does. */
    static void leave(Context context) {
        Processes.end(COOKIE + "=" + context.overlay().get(COOKIE));
    }

    /** Returns CONTEXT on this machine, in the workspace or in FOLDER. */
    static Context onNode(Build build, Context context, Path folder) throws Exception {
        Path root = folder == null ? build.request().workspace() : folder;
        if (!build.request().isDryRun()) {
            Files.createDirectories(root);
        }
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("WORKSPACE", root.toString());
        variables.put("WORKSPACE_TMP", root + "@tmp");
        variables.put("NODE_NAME", "built-in");
        variables.put("NODE_LABELS", "built-in");
        variables.put("EXECUTOR_NUMBER", "0");
        variables.put(COOKIE, UUID.randomUUID().toString());
        return context.on(root).with(variables, Map.of());
    }

    private Object workspace(StepCall call, Args args) throws Throwable {
        Path folder = build.request().scratch().resolve("ws").resolve(args.text("dir").replaceFirst("^/+", ""));
        return call.body(args.body(), onNode(build, call.context(), folder));
    }

    private Object parallel(StepCall call, Args args) throws Throwable {
        Map<?, ?> given = args.value("branches") instanceof Map<?, ?> map ? map : args.values();
        Map<String, Callable<Object>> branches = new LinkedHashMap<>();
        for (Map.Entry<?, ?> each : given.entrySet()) {
            if (each.getValue() instanceof Closure<?> closure) {
                branches.put(String.valueOf(each.getKey()), closure::call);
            } else if (!"failFast".equals(String.valueOf(each.getKey()))) {
                throw new IllegalArgumentException("Expected a closure or failFast but got " + each.getKey());
            }
        }
        Map<String, Object> values = new LinkedHashMap<>();
        boolean hasFailFast = Boolean.TRUE.equals(given.get("failFast"));
        List<StepCall.Body> bodies = new ArrayList<>();
        for (Map.Entry<String, Callable<Object>> each : branches.entrySet()) {
            bodies.add(call.begin(call.context().branch(each.getKey()), each.getValue()));
        }
        List<Outcome> outcomes = together(build, call, new ArrayList<>(branches.keySet()), bodies, hasFailFast);
        int index = 0;
        for (String name : branches.keySet()) {
            values.put(name, outcomes.get(index++).getNormal());
        }
        return values;
    }

    /** Waits for all BODIES, called NAMES; throws the first failure, and with FAIL FAST stops the others at it. */
    static List<Outcome> together(
            Build build, StepCall call, List<String> names, List<StepCall.Body> bodies, boolean hasFailFast)
            throws Throwable {
        Throwable[] first = new Throwable[1];
        Object monitor = new Object();
        for (int i = 0; i < bodies.size(); i++) {
            String name = names.get(i);
            bodies.get(i).end().whenComplete((outcome, ignored) -> {
                if (outcome.isSuccess()) {
                    return;
                }
                synchronized (monitor) {
                    boolean isFirst = first[0] == null;
                    first[0] = isFirst ? outcome.getAbnormal() : first[0];
                    build.log(call.context().branch(name), "Failed in branch " + name);
                    if (isFirst && hasFailFast) {
                        stopOthers(call, bodies, name);
                    }
                }
            });
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (StepCall.Body each : bodies) {
            outcomes.add(each.end().join());
        }
        synchronized (monitor) {
            if (first[0] != null) {
                throw first[0];
            }
        }
        return outcomes;
    }

    private static void stopOthers(StepCall call, List<StepCall.Body> bodies, String failed) {
        for (StepCall.Body each : bodies) {
            if (!each.end().isDone()) {
                call.stop(each, FlowInterruptedException.failFast(failed));
            }
        }
    }

    /** Refuses what needs a machine where there is none. */
    static AbortException noNode(String step) {
        return new AbortException("Required context class hudson.FilePath is missing\n"
                + "Perhaps you forgot to surround the step with a step that provides this, such as: node (step: " + step + ")");
    }
}
