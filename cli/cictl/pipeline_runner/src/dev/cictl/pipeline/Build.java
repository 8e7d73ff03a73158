package dev.cictl.pipeline;

import hudson.AbortException;
import hudson.model.Result;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import jenkins.model.CauseOfInterruption;
import org.jenkinsci.plugins.scriptsecurity.sandbox.RejectedAccessException;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;

/** One run of one Jenkinsfile: its result, variables and stages, and everything that its steps share. */
final class Build {
    /** What builds of a Jenkins know it by: where one runs this, it is not the one that runs the pipeline. */
    private static final String OUTER_JENKINS = "HUDSON_SERVER_COOKIE";

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
    private final AtomicInteger shellCount = new AtomicInteger();
    private final long startedMillis = System.currentTimeMillis();
    private volatile long lastLogNanos = System.nanoTime();
    private volatile Result result;
    private volatile Result told = Result.SUCCESS;
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
        vm.post(() -> root.stop(new FlowInterruptedException(Result.ABORTED, new CauseOfInterruption(reason))));
    }

    private void finish(Throwable thrown) {
        if (thrown != null) {
            fail(resultOf(thrown));
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
        all.keySet().removeIf(name -> name.startsWith("CICTL_PIPELINE_") || name.equals(OUTER_JENKINS));
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
        assigned.put(name, value);
    }

    /** Returns the number of a shell that begins now. */
    int nextShell() {
        return shellCount.incrementAndGet();
    }

    /** Whether there was a shell, which may have left something in the background. */
    boolean hasHadShells() {
        return shellCount.get() > 0;
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
        told = worse.combine(told);
        fail(worse);
    }

    /** Makes the result no better than WORSE, which no step and no script said, but what was thrown. */
    synchronized void fail(Result worse) {
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
            context.stage().fail(resultOf(thrown));
        }
        if (!(thrown instanceof FlowInterruptedException stop && stop.isFailFast())) {
            fail(resultOf(thrown));
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

    /** Returns the result that steps and scripts gave the build, whatever failed besides. */
    Result told() {
        return told;
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
}
