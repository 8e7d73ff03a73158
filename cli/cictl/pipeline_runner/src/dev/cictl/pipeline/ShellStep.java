package dev.cictl.pipeline;

import hudson.AbortException;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** `sh`: runs a shell in a session of its own, so that everything that it starts can be ended with it. */
final class ShellStep implements Steps.Slow {
    private static final long PATIENCE_SECONDS = 10;
    private static final long ORPHAN_MILLIS = 200;
    private static final String COOKIE = "JENKINS_SERVER_COOKIE";
    private static final boolean HAS_SETSID = Files.isExecutable(Path.of("/usr/bin/setsid"));

    private final Build build;

    ShellStep(Build build) {
        this.build = build;
    }

    @Override
    public Object run(StepCall call, Args args) throws Throwable {
        Path folder = FileSteps.folder("sh", call.context());
        String script = args.text("script");
        boolean returnsStatus = args.flag("returnStatus", false);
        boolean returnsOutput = args.flag("returnStdout", false);
        build.events().send("sh", "stage", call.context().stage() == null ? null : call.context().stage().id,
                "branch", call.context().branch(), "script", script, "label", args.text("label", null));
        if (build.request().isDryRun()) {
            return returnsStatus ? 0 : returnsOutput ? "" : null;
        }
        Files.createDirectories(folder);
        ByteArrayOutputStream output = returnsOutput ? new ByteArrayOutputStream() : null;
        int status = execute(call, folder, script, output);
        if (returnsStatus) {
            return status;
        }
        if (status != 0) {
            throw new AbortException("script returned exit code " + status);
        }
        return returnsOutput ? output.toString(StandardCharsets.UTF_8) : null;
    }

    private int execute(StepCall call, Path folder, String script, ByteArrayOutputStream output) throws Throwable {
        Path file = Files.createTempFile(build.request().scratch(), "script", ".sh");
        try {
            Files.writeString(file, script);
            ProcessBuilder builder = new ProcessBuilder(command(file, script)).directory(folder.toFile());
            builder.environment().clear();
            builder.environment().putAll(build.environment(call.context()));
            String cookie = COOKIE + "=durable-" + build.request().cookie() + "-" + build.nextShell();
            builder.environment().put(COOKIE, cookie.substring(COOKIE.length() + 1));
            builder.redirectInput(new File("/dev/null")).redirectErrorStream(output == null);
            Process process = builder.start();
            build.events().send("process", "pid", process.pid());
            try {
                return wait(call, process, output, cookie);
            } finally {
                build.events().send("process-end", "pid", process.pid());
            }
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static List<String> command(Path file, String script) throws IOException {
        List<String> command = new ArrayList<>(HAS_SETSID ? List.of("/usr/bin/setsid") : List.of());
        if (script.startsWith("#!")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
            command.add(file.toString());
        } else {
            command.addAll(List.of("sh", "-xe", file.toString()));
        }
        return command;
    }

    private int wait(StepCall call, Process process, ByteArrayOutputStream output, String cookie) throws Throwable {
        Output err = output == null ? null : copy(process.getErrorStream(), call.context());
        Output out = output == null ? copy(process.getInputStream(), call.context()) : keep(process.getInputStream(), output);
        try {
            int status = process.waitFor();
            if (err == null) {
                out.finish();
            } else {
                out.reader.join();
                err.finish();
            }
            return status;
        } catch (InterruptedException stopped) {
            build.log(call.context(), "Sending interrupt signal to process");
            kill(process);
            Processes.end(cookie);
            out.finish();
            throw stopped;
        }
    }

    /** Ends PROCESS and its session: asks first, and does not ask twice. */
    private static void kill(Process process) throws InterruptedException {
        signal(process, "TERM");
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            signal(process, "KILL");
            process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        signal(process, "KILL");
    }

    private static void signal(Process process, String signal) throws InterruptedException {
        // Those of the session get it by their group, and once, so that no trap runs twice.
        List<ProcessHandle> others = process.descendants().filter(each -> !HAS_SETSID || !isInGroup(each, process.pid())).toList();
        if (!HAS_SETSID || !signalGroup(process, signal)) {
            signal(process.toHandle(), signal);
        }
        others.forEach(each -> signal(each, signal));
    }

    private static void signal(ProcessHandle process, String signal) {
        if ("KILL".equals(signal)) {
            process.destroyForcibly();
        } else {
            process.destroy();
        }
    }

    /** Sends SIGNAL to the group that PROCESS leads, in words that every shell knows; returns whether it went. */
    private static boolean signalGroup(Process process, String signal) throws InterruptedException {
        try {
            String command = "kill -s " + signal + " -- -" + process.pid() + " 2>/dev/null";
            return new ProcessBuilder("sh", "-c", command).start().waitFor() == 0;
        } catch (IOException noShell) {
            return false;
        }
    }

    private static boolean isInGroup(ProcessHandle each, long group) {
        try {
            String stat = Files.readString(Path.of("/proc", String.valueOf(each.pid()), "stat"), StandardCharsets.ISO_8859_1);
            return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[2]) == group;
        } catch (IOException | RuntimeException gone) {
            return false;
        }
    }

    private Output copy(InputStream in, Context context) {
        return new Output(in, output -> {
            BufferedReader reader = new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8));
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                build.log(context, line);
            }
        });
    }

    private static Output keep(InputStream in, ByteArrayOutputStream kept) {
        return new Output(in, output -> output.transferTo(kept));
    }

    private interface Reading {
        void run(InputStream output) throws IOException;
    }

    /** What a process says, read in a thread of its own. */
    private static final class Output extends FilterInputStream {
        private final Thread reader;
        private volatile boolean isAwaited;

        Output(InputStream in, Reading reading) {
            super(in);
            reader = new Thread(() -> {
                try {
                    reading.run(this);
                } catch (IOException closed) {
                    // the process is gone
                }
            }, "output");
            reader.setDaemon(true);
            reader.start();
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            isAwaited = true;
            try {
                return super.read(bytes, from, length);
            } finally {
                isAwaited = false;
            }
        }

        /** Waits for its end, or until all that was read is told: what runs in the background may hold it open for ever. */
        void finish() throws InterruptedException {
            do {
                reader.join(ORPHAN_MILLIS);
            } while (reader.isAlive() && !isAwaited);
        }
    }
}
