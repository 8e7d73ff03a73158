package hudson.model;

import java.io.Serializable;

/** How a build or a stage went, from best to worst. */
public enum Result implements Serializable {
    SUCCESS, UNSTABLE, FAILURE, NOT_BUILT, ABORTED;

    /** Returns the worse of the two. */
    public Result combine(Result other) {
        return other == null || ordinal() >= other.ordinal() ? this : other;
    }

    public boolean isBetterThan(Result other) {
        return ordinal() < other.ordinal();
    }

    public boolean isBetterOrEqualTo(Result other) {
        return ordinal() <= other.ordinal();
    }

    public boolean isWorseThan(Result other) {
        return ordinal() > other.ordinal();
    }

    public boolean isWorseOrEqualTo(Result other) {
        return ordinal() >= other.ordinal();
    }

    /** Returns the result called NAME; FAILURE, as Jenkins does, where there is none. */
    public static Result fromString(String name) {
        for (Result each : values()) {
            if (each.name().equalsIgnoreCase(name)) {
                return each;
            }
        }
        return FAILURE;
    }
}
