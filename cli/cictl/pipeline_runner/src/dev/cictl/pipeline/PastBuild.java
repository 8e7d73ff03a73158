package dev.cictl.pipeline;

import groovy.lang.GroovyObjectSupport;
import hudson.model.Result;

/** The build before this one, as `currentBuild.previousBuild` is: only its result is known here. */
public final class PastBuild extends GroovyObjectSupport {
    private final String job;
    private final int number;
    private final Result result;

    PastBuild(String job, int number, Result result) {
        this.job = job;
        this.number = number;
        this.result = result;
    }

    public String getResult() {
        return result.name();
    }

    public String getCurrentResult() {
        return result.name();
    }

    public boolean resultIsBetterOrEqualTo(String other) {
        return result.isBetterOrEqualTo(Result.fromString(other));
    }

    public boolean resultIsWorseOrEqualTo(String other) {
        return result.isWorseOrEqualTo(Result.fromString(other));
    }

    public int getNumber() {
        return number;
    }

    public String getId() {
        return String.valueOf(number);
    }

    public String getDisplayName() {
        return "#" + number;
    }

    public String getFullDisplayName() {
        return job + " " + getDisplayName();
    }

    public String getProjectName() {
        return job;
    }

    public String getFullProjectName() {
        return job;
    }

    public String getDescription() {
        return null;
    }
}
