package dev.cictl.pipeline;

import hudson.AbortException;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;

/** Says what a failure is, and where in the user's files it came from. */
final class Failures {
    private Failures() {}

    /** Returns the lines that end a failed build's log. */
    static String text(Throwable thrown) {
        String place = place(thrown);
        return "ERROR: " + message(thrown) + (place == null ? "" : " (" + place + ")");
    }

    static String message(Throwable thrown) {
        boolean isPlain = thrown instanceof AbortException || thrown instanceof FlowInterruptedException;
        if (isPlain && thrown.getMessage() != null) {
            return thrown.getMessage();
        }
        String text = thrown.getMessage() == null ? "" : ": " + thrown.getMessage();
        return thrown.getClass().getName() + text;
    }

    private static String place(Throwable thrown) {
        for (StackTraceElement each : thrown.getStackTrace()) {
            String file = each.getFileName();
            boolean isScript = file != null && !file.endsWith(".java") && each.getLineNumber() > 0
                    && !each.getClassName().startsWith("org.codehaus.") && !each.getClassName().startsWith("groovy.");
            if (isScript) {
                Build build = Build.current();
                return build.request().shown(build.loader().fileOf(file)) + ":" + each.getLineNumber();
            }
        }
        return null;
    }
}
