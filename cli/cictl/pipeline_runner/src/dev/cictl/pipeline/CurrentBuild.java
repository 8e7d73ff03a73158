package dev.cictl.pipeline;

import groovy.lang.GroovyObjectSupport;
import hudson.AbortException;
import hudson.model.Result;
import java.util.List;
import java.util.Map;

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
        return getDuration() / 1000.0 + " sec and counting";
    }

    public boolean getKeepLog() {
        return false;
    }

    public Object getPreviousBuild() {
        String previous = build.request().previousResult();
        return previous == null ? null : Map.of("result", previous, "currentResult", previous, "number", getNumber() - 1);
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
