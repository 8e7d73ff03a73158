package dev.cictl.pipeline;

import groovy.lang.GroovyObjectSupport;
import hudson.AbortException;
import hudson.model.Result;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** `currentBuild`. */
public final class CurrentBuild extends GroovyObjectSupport {
    private final Build build;

    CurrentBuild(Build build) {
        this.build = build;
    }

    public String getResult() {
        return build.result() == null ? null : build.result().name();
    }

    /** Makes the result worse; it never gets better, as in Jenkins. */
    public void setResult(String result) {
        build.mark(Result.fromString(result));
    }

    public String getCurrentResult() {
        return build.result() == null ? Result.SUCCESS.name() : build.result().name();
    }

    public boolean resultIsBetterOrEqualTo(String other) {
        return Result.fromString(getCurrentResult()).isBetterOrEqualTo(Result.fromString(other));
    }

    public boolean resultIsWorseOrEqualTo(String other) {
        return Result.fromString(getCurrentResult()).isWorseOrEqualTo(Result.fromString(other));
    }

    public int getNumber() {
        return build.request().number();
    }

    public String getId() {
        return String.valueOf(getNumber());
    }

    public String getDisplayName() {
        return build.displayName();
    }

    public void setDisplayName(String name) {
        build.describe(name, null);
    }

    public String getDescription() {
        return build.description();
    }

    public void setDescription(String text) {
        build.describe(null, text);
    }

    public String getProjectName() {
        return build.request().job();
    }

    public String getFullProjectName() {
        return build.request().job();
    }

    public String getFullDisplayName() {
        return build.request().job() + " " + getDisplayName();
    }

    public long getStartTimeInMillis() {
        return build.startedMillis();
    }

    public long getTimeInMillis() {
        return build.startedMillis();
    }

    public long getDuration() {
        return System.currentTimeMillis() - build.startedMillis();
    }

    public String getDurationString() {
        return Durations.text(getDuration()) + " and counting";
    }

    public boolean isKeepLog() {
        return false;
    }

    /** No build is kept here, whatever is wished. */
    public void setKeepLog(boolean isWished) {}

    public PastBuild getPreviousBuild() {
        String previous = build.request().previousResult();
        return previous == null ? null : new PastBuild(getProjectName(), getNumber() - 1, Result.fromString(previous));
    }

    public PastBuild getPreviousCompletedBuild() {
        return getPreviousBuild();
    }

    public PastBuild getPreviousBuiltBuild() {
        return previousIf(previous -> previous != Result.NOT_BUILT);
    }

    /** Returns the one before if it went well, as an unstable one did. */
    public PastBuild getPreviousSuccessfulBuild() {
        return previousIf(previous -> previous.isBetterOrEqualTo(Result.UNSTABLE));
    }

    public PastBuild getPreviousFailedBuild() {
        return previousIf(previous -> previous == Result.FAILURE);
    }

    public PastBuild getPreviousNotFailedBuild() {
        return previousIf(previous -> previous != Result.FAILURE);
    }

    private PastBuild previousIf(Predicate<Result> isWanted) {
        PastBuild previous = getPreviousBuild();
        return previous != null && isWanted.test(Result.fromString(previous.getResult())) ? previous : null;
    }

    public PastBuild getPreviousBuildInProgress() {
        return null;
    }

    public PastBuild getNextBuild() {
        return null;
    }

    public List<?> getUpstreamBuilds() {
        return List.of();
    }

    public List<?> getChangeSets() {
        return List.of();
    }

    public Map<String, String> getBuildVariables() {
        return Map.of();
    }

    public String getAbsoluteUrl() {
        return "";
    }

    public List<Map<String, String>> getBuildCauses() {
        return List.of(Map.of("_class", "hudson.model.Cause$UserIdCause", "shortDescription", "Started by cictl",
                "userId", build.user(), "userName", build.user()));
    }

    public List<Map<String, String>> getBuildCauses(String type) {
        return getBuildCauses().stream().filter(each -> each.get("_class").equals(type)).toList();
    }

    /** Refused in Jenkins' sandbox. */
    public Object getRawBuild() throws AbortException {
        throw new AbortException("currentBuild.rawBuild is not there without a Jenkins, and refused by its sandbox");
    }
}
