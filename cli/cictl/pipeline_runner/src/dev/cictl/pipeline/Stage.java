package dev.cictl.pipeline;

import hudson.model.Result;

/** A stage that was entered: its place in the tree, and the worst that was said of it. */
final class Stage {
    final int id;
    final String name;
    final Stage parent;
    final long startedNanos = System.nanoTime();
    private Result result = Result.SUCCESS;

    Stage(int id, String name, Stage parent) {
        this.id = id;
        this.name = name;
        this.parent = parent;
    }

    synchronized Result result() {
        return result;
    }

    /** Makes it alone no better than WORSE: what is thrown in it may be caught in those around it. */
    synchronized void fail(Result worse) {
        result = result.combine(worse);
    }

    /** Makes it no better than WORSE, and those around it. */
    void mark(Result worse) {
        fail(worse);
        if (parent != null) {
            parent.mark(worse);
        }
    }
}
