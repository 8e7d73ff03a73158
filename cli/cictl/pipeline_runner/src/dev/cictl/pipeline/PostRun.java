package dev.cictl.pipeline;

import groovy.lang.Closure;
import hudson.model.Result;
import java.util.List;

/** Runs `post`: the conditions that hold, in Jenkins' order, whatever happens in one of them. */
final class PostRun {
    private final Build build;
    private final List<Closure<?>> leaves;

    PostRun(Build build, List<Closure<?>> leaves) {
        this.build = build;
        this.leaves = leaves;
    }

    /** Runs what BLOCK has for how it went; returns FAILED, or the first failure in here. */
    Throwable run(StepCall call, Model.Block block, Throwable failed) throws Throwable {
        Throwable first = failed;
        for (String name : Vocabulary.POST) {
            Integer body = block.post.get(name);
            // Judged each time: what one condition makes of the result counts for the next.
            if (body == null || !holds(name, result(call, first))) {
                continue;
            }
            build.events().send("post", "stage", call.context().stage() == null ? null : call.context().stage().id,
                    "condition", name);
            try {
                StageSteps.declared(call, leaves.get(body));
            } catch (Throwable thrown) {
                build.log(call.context(), "Error when executing " + name + " post condition:");
                build.log(call.context(), Failures.text(thrown));
                build.mark(call.context(), Build.resultOf(thrown));
                first = first == null ? thrown : first;
            }
        }
        return first;
    }

    /** Returns how it went where CALL is: a stage is not blamed for what failed beside it, but has what the build was given. */
    private Result result(StepCall call, Throwable failed) {
        Result own = failed == null ? Result.SUCCESS : Build.resultOf(failed);
        Stage stage = call.context().stage();
        if (stage == null) {
            return build.result() == null ? own : build.result().combine(own);
        }
        return own.combine(stage.result()).combine(build.told());
    }

    private boolean holds(String condition, Result result) {
        String previous = build.request().previousResult();
        Result before = previous == null ? null : Result.fromString(previous);
        return switch (condition) {
            case "always", "cleanup" -> true;
            case "changed" -> before == null || before != result;
            case "fixed" -> result == Result.SUCCESS && (before == Result.FAILURE || before == Result.UNSTABLE);
            case "regression" -> before != null && result.isWorseThan(before) && result != Result.NOT_BUILT;
            case "aborted" -> result == Result.ABORTED;
            case "failure" -> result == Result.FAILURE;
            case "success" -> result == Result.SUCCESS;
            case "unstable" -> result == Result.UNSTABLE;
            case "unsuccessful" -> result != Result.SUCCESS;
            case "notBuilt" -> result == Result.NOT_BUILT;
            default -> throw new IllegalStateException(condition);
        };
    }
}
