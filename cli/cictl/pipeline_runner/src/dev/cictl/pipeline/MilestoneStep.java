package dev.cictl.pipeline;

import hudson.AbortException;

/** `milestone`: keeps the order within this build; there are no other builds to overtake or to cancel. */
final class MilestoneStep implements Steps.Quick {
    private final Build build;
    private Integer previous;

    MilestoneStep(Build build) {
        this.build = build;
    }

    @Override
    public Object run(Context context, Args args) throws AbortException {
        if (context.branch() != null && !args.flag("unsafe", false)) {
            throw new AbortException("Using a milestone step inside parallel is not allowed");
        }
        int next = previous == null ? 0 : previous + 1;
        int ordinal = (int) args.number("ordinal", next);
        if (previous != null && ordinal <= previous) {
            throw new AbortException("Invalid ordinal " + ordinal + ", as the previous one was " + previous);
        }
        previous = ordinal;
        build.log(context, "Trying to pass milestone " + ordinal);
        return null;
    }
}
