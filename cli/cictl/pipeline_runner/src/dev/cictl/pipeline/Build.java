package dev.cictl.pipeline;

import hudson.AbortException;
import hudson.model.Result;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jenkinsci.plugins.scriptsecurity.sandbox.RejectedAccessException;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;

/** One run of one Jenkinsfile: its result, variables and stages, and everything that its steps share. */
final class Build {
    private static volatile Build current;

    private final Request request;
    private final Events events;
    private final Loader loader;
    private final Inputs inputs;
    private final Vm vm;
    private final Globals globals = new Globals(this);
    private final Steps steps = new Steps(this);
    private final ExecutorService threads = Executors.newCachedThreadPool(Build::daemon);
    private final Map<String, Object> parameters = new LinkedHashMap<>();
    private final Map<String, String> assigned = new ConcurrentHashMap<>();
    private final AtomicInteger stageCount = new AtomicInteger();
    private final long startedMillis = System.currentTimeMillis();
    private volatile long lastLogNanos = System.nanoTime();
    private volatile Result result;
    private volatile boolean hasTimedOut;
    private String displayName;
    private String description;
    private Fiber root;

    Build(Request request, Events events, Loader loader, Inputs inputs) {
        this.request = request;
        this.events = events;
        this.loader = loader;
        this.inputs = inputs;
        vm = new Vm(request.isSandboxed() ? new Sandbox(loader.classes()) : null);
        displayName = "#" + request.number();
        request.parameters().forEach(parameters::put);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "step");
        thread.setDaemon(true);
        return thread;
    }

    static Build current() {
        return current;
    }

    /** Runs it to its end, on this thread. */
    void run() throws InterruptedException {
        current = this;
        events.send("started", "job", request.job(), "number", request.number());
        root = new Fiber(vm, Context.outermost(), outcome -> {
            finish(outcome.getAbnormal());
            vm.end();
        });
        vm.post(() -> root.start(() -> loader.main().run()));
        vm.run();
        threads.shutdownNow();
    }

    /** Stops what runs, as a person does in Jenkins; `post` still runs. */
    void abort(String reason) {
        vm.post(() -> root.stop(new FlowInterruptedException(Result.ABORTED, reason)));
    }

    private void finish(Throwable thrown) {
        if (thrown != null) {
            mark(resultOf(thrown));
            hasTimedOut |= thrown instanceof FlowInterruptedException interrupted && interrupted.isTimeout();
            if (thrown instanceof RejectedAccessException) {
                log(Context.outermost(), thrown.getMessage()
                        + ". Administrators can decide whether to approve or reject this signature.");
            }
            log(Context.outermost(), Failures.text(thrown));
        }
        Result end = result == null ? Result.SUCCESS : result;
        events.send("finished", "result", end.name(), "seconds", (System.currentTimeMillis() - startedMillis) / 1000.0,
                "description", description, "displayName", displayName,
                "timedOut", hasTimedOut && end == Result.ABORTED ? true : null,
                "error", thrown == null ? null : Failures.message(thrown));
    }

    /** Returns the result that THROWN gives a build. */
    static Result resultOf(Throwable thrown) {
        return thrown instanceof FlowInterruptedException interrupted ? interrupted.getResult() : Result.FAILURE;
    }

    /** Returns where the script is that asks now. */
    Context context() {
        Fiber fiber = vm.current();
        return fiber == null ? Context.outermost() : fiber.context();
    }

    /** Returns the variables that apply in CONTEXT, the later ones winning: machine, job, parameters, `env`, blocks. */
    Map<String, String> environment(Context context) {
        Map<String, String> all = new LinkedHashMap<>(System.getenv());
        all.keySet().removeIf(name -> name.startsWith("CICTL_PIPELINE_"));
        if (request.hasLocale()) {
            all.put("LC_ALL", request.locale());
        }
        all.putAll(request.variables());
        parameters.forEach((name, value) -> all.put(name, String.valueOf(value)));
        all.putAll(assigned);
        all.putAll(context.overlay());
        all.values().removeIf(Objects::isNull);
        return all;
    }

    void assign(String name, String value) {
        if (value == null) {
            assigned.remove(name);
        } else {
            assigned.put(name, value);
        }
    }

    /** Writes TEXT to the log of CONTEXT, line by line. */
    void log(Context context, String text) {
        lastLogNanos = System.nanoTime();
        Integer stage = context.stage() == null ? null : context.stage().id;
        for (String line : text.split("\n", -1)) {
            events.send("log", "stage", stage, "branch", context.branch(), "text", line,
                    "times", context.hasTimes() ? true : null);
        }
    }

    /** Enters a stage called NAME in CONTEXT. */
    Stage enter(String name, Context context) {
        Stage stage = new Stage(stageCount.incrementAndGet(), name, context.stage());
        events.send("stage", "id", stage.id, "parent", stage.parent == null ? null : stage.parent.id, "name", name,
                "branch", context.branch());
        return stage;
    }

    /** Leaves STAGE with RESULT, or as skipped, with REASON. */
    void leave(Stage stage, String outcome, String reason) {
        events.send("stage-end", "id", stage.id, "name", stage.name, "result", outcome, "reason", reason,
                "seconds", (System.nanoTime() - stage.startedNanos) / 1e9);
    }

    /** Makes the result no better than WORSE. */
    synchronized void mark(Result worse) {
        result = worse.combine(result == null ? Result.SUCCESS : result);
    }

    /** Makes the build and the stage of CONTEXT no better than WORSE. */
    void mark(Context context, Result worse) {
        mark(worse);
        if (context.stage() != null) {
            context.stage().mark(worse);
        }
    }

    /** Blames the stage of CONTEXT for THROWN, and the build, unless another branch is to blame. */
    void blame(Context context, Throwable thrown) {
        if (context.stage() != null) {
            context.stage().mark(resultOf(thrown));
        }
        if (!(thrown instanceof FlowInterruptedException stop && stop.isFailFast())) {
            mark(resultOf(thrown));
        }
    }

    void describe(String name, String text) {
        displayName = name == null ? displayName : name;
        description = text == null ? description : text;
    }

    /** Returns the content of the credential ID. */
    String credential(String id) throws AbortException {
        String content = request.credentials().get(id);
        if (content == null && request.isDryRun()) {
            return "nobody:nothing";
        }
        if (content == null) {
            throw new AbortException("Could not find credentials entry with ID '" + id
                    + "': pass --credential " + id + "=FILE, or =NAME of an environment variable");
        }
        return content;
    }

    /** Whether FOLDER is the user's own working tree, or holds it, or, where the workspace is another, lies in it. */
    boolean isPrecious(Path folder) {
        Path real = Globs.real(folder);
        Path tree = Globs.real(request.source() == null ? request.workspace() : request.source());
        return tree.startsWith(real) || request.source() != null && real.startsWith(tree);
    }

    /** Whether FOLDER is this run's to remove: in the workspace or in its scratch folder, wherever links lead. */
    boolean isOwn(Path folder) {
        Path real = Globs.real(folder);
        Path workspace = Globs.real(request.workspace());
        boolean isInside = real.startsWith(workspace) && !(request.source() == null && real.startsWith(workspace.resolve(".git")));
        return !isPrecious(folder) && (isInside || real.startsWith(Globs.real(request.scratch()))
                || real.startsWith(workspace.resolveSibling(workspace.getFileName() + "@tmp")));
    }

    String user() {
        return System.getProperty("user.name");
    }

    Request request() {
        return request;
    }

    Events events() {
        return events;
    }

    Loader loader() {
        return loader;
    }

    Inputs inputs() {
        return inputs;
    }

    Vm vm() {
        return vm;
    }

    Globals globals() {
        return globals;
    }

    Steps steps() {
        return steps;
    }

    ExecutorService threads() {
        return threads;
    }

    Map<String, Object> parameters() {
        return parameters;
    }

    Result result() {
        return result;
    }

    String displayName() {
        return displayName;
    }

    String description() {
        return description;
    }

    long startedMillis() {
        return startedMillis;
    }

    long lastLogNanos() {
        return lastLogNanos;
    }

    /** Returns what must stay the same for the parameters of a build. */
    Map<String, Object> givenParameters() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(request.parameters()));
    }
}
