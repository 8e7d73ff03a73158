package dev.cictl.pipeline;

import com.cloudbees.groovy.cps.Outcome;
import groovy.lang.Closure;
import hudson.AbortException;
import hudson.model.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;

/** Steps that give a build its shape: stages, nodes, parallel branches. */
final class StageSteps {
    private static final String COOKIE = "JENKINS_NODE_COOKIE";
    private static final Comparator<Throwable> BY_SEVERITY = Comparator.comparingInt(StageSteps::severity);

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
        if (!args.hasBody()) {
            build.log(call.context(), "Using the ‘stage’ step without a block argument is deprecated");
            build.log(call.context(), "Entering stage " + args.text("name"));
            return null;
        }
        Stage stage = build.enter(args.text("name"), call.context());
        Context inner = call.context().in(stage).with(Map.of("STAGE_NAME", stage.name), Map.of());
        try {
            Object value = call.body(args.body(), inner);
            build.leave(stage, stage.result().name(), null);
            return value;
        } catch (Throwable thrown) {
            stage.fail(Build.resultOf(thrown));
            build.leave(stage, stage.result().name(), Failures.message(thrown));
            throw thrown;
        }
    }

    private Object node(StepCall call, Args args) throws Throwable {
        Context inner = onNode(build, call.context(), null);
        try {
            return call.body(args.body(), inner);
        } finally {
            leave(build, inner);
        }
    }

    /** Ends what was left in the background on the node of CONTEXT, as Jenkins does. */
    static void leave(Build build, Context context) {
        if (build.hasHadShells()) {
            Processes.end(COOKIE + "=" + context.overlay().get(COOKIE));
        }
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
        if (branches.isEmpty()) {
            build.log(call.context(), "No branches to run");
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

    /** Waits for all BODIES, called NAMES; throws the worst failure, with FAIL FAST the first, which stops the others. */
    static List<Outcome> together(
            Build build, StepCall call, List<String> names, List<StepCall.Body> bodies, boolean hasFailFast)
            throws Throwable {
        List<Throwable> failures = new ArrayList<>();
        for (int i = 0; i < bodies.size(); i++) {
            String name = names.get(i);
            bodies.get(i).end().whenComplete((outcome, ignored) -> {
                if (outcome.isSuccess()) {
                    return;
                }
                synchronized (failures) {
                    failures.add(outcome.getAbnormal());
                    build.log(call.context().branch(name), "Failed in branch " + name);
                    if (failures.size() == 1 && hasFailFast) {
                        stopOthers(call, bodies, name);
                    }
                }
            });
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (StepCall.Body each : bodies) {
            outcomes.add(each.end().join());
        }
        synchronized (failures) {
            if (!failures.isEmpty()) {
                throw hasFailFast ? failures.get(0) : Collections.max(failures, BY_SEVERITY);
            }
        }
        return outcomes;
    }

    /** Orders failures as Jenkins does: what nobody foresaw, what a step says, what came from outside by its result. */
    private static int severity(Throwable failure) {
        if (failure instanceof FlowInterruptedException stop) {
            return stop.getResult().ordinal();
        }
        return Result.values().length + (failure instanceof AbortException ? 0 : 1);
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
        return new NodeMissing("Required context class hudson.FilePath is missing\n"
                + "Perhaps you forgot to surround the step with a step that provides this, such as: node (step: " + step + ")");
    }

    private static final class NodeMissing extends AbortException {
        private static final long serialVersionUID = 1L;

        NodeMissing(String message) {
            super(message);
        }
    }

    /** Runs BODY, of a declarative pipeline, where a machine is missing because there is no agent. */
    static void declared(StepCall call, Closure<?> body) throws Throwable {
        try {
            call.body(body, call.context());
        } catch (NodeMissing missing) {
            AbortException plain = new AbortException("Attempted to execute a step that requires a node context while ‘agent none’"
                    + " was specified. Be sure to specify your own ‘node { ... }’ blocks when using ‘agent none’.");
            plain.setStackTrace(missing.getStackTrace());
            throw plain;
        }
    }
}
