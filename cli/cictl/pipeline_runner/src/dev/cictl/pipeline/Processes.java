package dev.cictl.pipeline;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Finds processes as Jenkins does, by a variable that they inherit, so that those are found, too, which left their session.
 * What changes the variable is left alone, as in Jenkins; where there is no /proc nothing is found.
 */
final class Processes {
    private static final Path PROC = Path.of("/proc");
    private static final long PATIENCE_NANOS = 2_000_000_000L;
    private static final long POLL_NANOS = 10_000_000L;
    private static final long STARTING_NANOS = 20_000_000L;

    private Processes() {}

    /** Returns those that have VARIABLE, written NAME=VALUE, in their environment. */
    static List<ProcessHandle> with(String variable) {
        List<ProcessHandle> found = new ArrayList<>();
        String wanted = "\0" + variable + "\0";
        try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path each : all) {
                if (environment(each).contains(wanted)) {
                    ProcessHandle.of(Long.parseLong(each.getFileName().toString())).ifPresent(found::add);
                }
            }
        } catch (IOException none) {
            // no /proc: another system
        }
        return found;
    }

    private static String environment(Path process) {
        try {
            return "\0" + new String(Files.readAllBytes(process.resolve("environ")), StandardCharsets.ISO_8859_1);
        } catch (IOException notOurs) {
            return "";
        }
    }

    /** Ends those that have VARIABLE: asks them, and does not ask twice. */
    static void end(String variable) {
        List<ProcessHandle> left = with(variable);
        if (left.isEmpty()) {
            LockSupport.parkNanos(STARTING_NANOS); // one that begins a program just now shows no environment
            left = with(variable);
        }
        if (left.isEmpty()) {
            return;
        }
        left.forEach(ProcessHandle::destroy);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        // Not by their ends: a process that nobody waits for has none, only an empty environment.
        while (!with(variable).isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(POLL_NANOS);
        }
        with(variable).forEach(ProcessHandle::destroyForcibly);
    }
}
