package dev.cictl.pipeline;

import groovy.lang.Closure;
import hudson.model.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs a declarative pipeline, in the order that Jenkins documents. */
final class DeclarativeRun {
    private final Build build;
    private final StepCall outer;
    private final Model.Block root;
    private final Surroundings around;
    private final Conditions conditions;
    private final PostRun post;
    private final Selection selection;
    private final List<Closure<?>> leaves;

    DeclarativeRun(Build build, StepCall outer, Model.Block root, List<Closure<?>> leaves) {
        this.build = build;
        this.outer = outer;
        this.root = root;
        this.leaves = leaves;
        this.around = new Surroundings(build, root, leaves);
        this.conditions = new Conditions(build, leaves);
        this.post = new PostRun(build, leaves);
        this.selection = new Selection(build.request(), root);
    }

    Object run() throws Throwable {
        around.defineParameters(outer);
        boolean[] hasPosted = new boolean[1];
        try {
            around.agent(outer, root, inAgent -> around.environment(inAgent, root, inEnvironment ->
                    around.options(inEnvironment, root.options, inOptions -> {
                        hasPosted[0] = false;
                        Throwable failed = stages(inOptions, root.stages);
                        hasPosted[0] = true;
                        throwIfAny(post.run(inOptions, root, failed));
                        return null;
                    })));
        } catch (Throwable failed) {
            if (!hasPosted[0]) {
                build.fail(Build.resultOf(failed));
                post.run(outer, root, failed);
            }
            throw failed;
        }
        return null;
    }

    private static void throwIfAny(Throwable failed) throws Throwable {
        if (failed != null) {
            throw failed;
        }
    }

    /** Runs STAGES one after another; after a failure the others are skipped. Returns the failure, or null. */
    private Throwable stages(StepCall call, List<Model.Block> stages) throws Throwable {
        Throwable first = null;
        for (Model.Block each : stages) {
            try {
                stage(call, each, build.enter(each.name, call.context()), Map.of(), first != null);
            } catch (Throwable failed) {
                first = first == null ? failed : first;
            }
        }
        return first;
    }

    private void stage(StepCall call, Model.Block block, Stage stage, Map<String, String> variables, boolean isLost)
            throws Throwable {
        Map<String, String> own = new LinkedHashMap<>(variables);
        own.put("STAGE_NAME", stage.name);
        Context inner = call.context().in(stage).with(own, Map.of());
        String skipped = isLost ? "due to earlier failure(s)" : skipReason(block);
        String[] reason = {skipped};
        try {
            if (skipped == null) {
                JavaBody.run(build, call, inner, in -> {
                    reason[0] = enter(in, block);
                    return null;
                });
            }
            if (reason[0] != null) {
                skip(stage, inner, block, reason[0]);
            } else {
                build.leave(stage, stage.result().name(), null);
            }
        } catch (Throwable failed) {
            build.blame(inner, failed);
            build.leave(stage, stage.result().name(), Failures.message(failed));
            throw failed;
        }
    }

    /** Says that STAGE is skipped for REASON, and so are those in it. */
    private void skip(Stage stage, Context inner, Model.Block block, String reason) {
        build.log(inner, "Stage \"" + stage.name + "\" skipped " + reason);
        List<Model.Block> children = block.matrix == null ? block.stages : List.of();
        for (Model.Block each : children) {
            Context context = block.isParallel ? inner.branch(each.name) : inner;
            Stage child = build.enter(each.name, context);
            skip(child, context.in(child), each, reason);
        }
        build.leave(stage, "SKIPPED", reason);
    }

    private String skipReason(Model.Block block) {
        if (root.hasOption("skipStagesAfterUnstable") && build.result() == Result.UNSTABLE) {
            return "due to earlier stage(s) marking the build as unstable";
        }
        return selection.isSelected(block) ? null : "as it is not selected";
    }

    /** Goes into BLOCK: options, input, agent, `when` unless that comes before, environment. Returns why not, or null. */
    private String enter(StepCall call, Model.Block block) throws Throwable {
        WhenPlace place = WhenPlace.of(block.when);
        boolean[] isMet = {true};
        StepCall.Code inAgent = judged(WhenPlace.LAST, place, block, isMet, in -> around.environment(in, block, inside -> {
            execute(inside, block);
            return null;
        }));
        StepCall.Code answered = judged(WhenPlace.AGENT, place, block, isMet, in -> around.agent(in, block, inAgent));
        StepCall.Code inOptions = judged(WhenPlace.INPUT, place, block, isMet, in -> around.input(in, block, answered));
        judged(WhenPlace.OPTIONS, place, block, isMet, in -> around.options(in, block.options, inOptions)).run(call);
        return isMet[0] ? null : "due to when conditional";
    }

    /** Where `when` is judged. */
    private enum WhenPlace {
        OPTIONS, INPUT, AGENT, LAST, NOWHERE;

        static WhenPlace of(Model.When when) {
            if (when == null) {
                return NOWHERE;
            }
            return when.isBeforeOptions() ? OPTIONS : when.isBeforeInput() ? INPUT : when.isBeforeAgent() ? AGENT : LAST;
        }
    }

    /** Returns INNER behind the conditions of BLOCK, if those are judged HERE. */
    private StepCall.Code judged(WhenPlace here, WhenPlace place, Model.Block block, boolean[] isMet, StepCall.Code inner) {
        return here != place ? inner : in -> {
            isMet[0] = conditions.isMet(in, block.when.condition());
            return isMet[0] ? inner.run(in) : null;
        };
    }

    private void execute(StepCall call, Model.Block block) throws Throwable {
        Throwable failed = null;
        try {
            content(call, block);
        } catch (Throwable thrown) {
            failed = thrown; // the build is blamed outside of the options, which may try again
        }
        throwIfAny(post.run(call, block, failed));
    }

    private void content(StepCall call, Model.Block block) throws Throwable {
        if (block.steps >= 0) {
            StageSteps.declared(call, leaves.get(block.steps));
        } else if (block.matrix != null) {
            cells(call, block);
        } else if (block.isParallel) {
            Map<String, StepCall.Code> branches = new LinkedHashMap<>();
            for (Model.Block each : block.stages) {
                Stage entered = build.enter(each.name, call.context().branch(each.name));
                branches.put(each.name, branchCall -> {
                    stage(branchCall, each, entered, Map.of(), false);
                    return null;
                });
            }
            parallel(call, block, branches);
        } else {
            throwIfAny(stages(call, block.stages));
        }
    }

    private void cells(StepCall call, Model.Block block) throws Throwable {
        Map<String, StepCall.Code> branches = new LinkedHashMap<>();
        for (Map<String, String> cell : Cells.of(block.matrix)) {
            String name = Cells.name(cell);
            Stage entered = build.enter(name, call.context().branch(name));
            branches.put(name, branchCall -> {
                stage(branchCall, block.stages.get(0), entered, cell, false);
                return null;
            });
        }
        parallel(call, block, branches);
    }

    private void parallel(StepCall call, Model.Block block, Map<String, StepCall.Code> branches) throws Throwable {
        List<StepCall.Body> bodies = new ArrayList<>();
        for (Map.Entry<String, StepCall.Code> each : branches.entrySet()) {
            JavaBody body = new JavaBody(build, each.getValue());
            bodies.add(call.begin(call.context().branch(each.getKey()), body::call));
        }
        boolean hasFailFast = block.hasFailFast || root.hasOption("parallelsAlwaysFailFast");
        StageSteps.together(build, call, new ArrayList<>(branches.keySet()), bodies, hasFailFast);
    }
}
