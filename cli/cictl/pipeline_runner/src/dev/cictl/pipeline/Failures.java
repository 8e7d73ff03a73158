package dev.cictl.pipeline;

import hudson.AbortException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

    /** Has THROWN, with which a step ended, tell from where the step was called: of itself it knows the step alone. */
    static void addCallers(Throwable thrown, List<StackTraceElement> callers) {
        List<StackTraceElement> all = new ArrayList<>(List.of(thrown.getStackTrace()));
        all.addAll(callers);
        thrown.setStackTrace(all.toArray(StackTraceElement[]::new));
    }

    /** Returns the Jenkinsfile's line, and that of a library or of a loaded script where it is one that failed. */
    private static String place(Throwable thrown) {
        List<StackTraceElement> lines = Arrays.stream(thrown.getStackTrace()).filter(Failures::isScript).toList();
        if (lines.isEmpty()) {
            return null;
        }
        StackTraceElement failed = lines.get(0);
        StackTraceElement own = lines.stream().filter(each -> Loader.MAIN.equals(each.getFileName())).findFirst().orElse(failed);
        return own == failed ? shown(failed) : shown(own) + ", in " + shown(failed);
    }

    private static boolean isScript(StackTraceElement line) {
        String file = line.getFileName();
        return file != null && !file.endsWith(".java") && line.getLineNumber() > 0
                && !line.getClassName().startsWith("org.codehaus.") && !line.getClassName().startsWith("groovy.");
    }

    private static String shown(StackTraceElement line) {
        Build build = Build.current();
        return build.request().shown(build.loader().fileOf(line)) + ":" + line.getLineNumber();
    }
}
