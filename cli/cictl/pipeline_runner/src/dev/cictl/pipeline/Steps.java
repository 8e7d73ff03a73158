package dev.cictl.pipeline;

import com.cloudbees.groovy.cps.Continuable;
import groovy.lang.Closure;
import hudson.AbortException;
import hudson.model.Result;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Calls steps by name. */
final class Steps {
    /** What a pipeline block is compiled to: a call of this, with the number of its model and its closures. */
    static final String PIPELINE = "$pipeline";

    /** A step that is over at once. */
    interface Quick {
        Object run(Context context, Args args) throws Throwable;
    }

    /** A step that takes its time. */
    interface Slow {
        Object run(StepCall call, Args args) throws Throwable;
    }

    /** What a call of a {@link Catalog.Kind#VALUE} makes: its arguments, and its name. */
    static final class Described extends LinkedHashMap<String, Object> {
        private static final long serialVersionUID = 1L;
        final String symbol;

        Described(String symbol, Map<String, Object> arguments) {
            super(arguments);
            this.symbol = symbol;
        }
    }

    private final Build build;
    private final Map<String, Quick> quick = new HashMap<>();
    private final Map<String, Slow> slow = new HashMap<>();
    private final CredentialStep credentials;
    private final Set<String> leftOut = new HashSet<>();
    private boolean hasPipeline;

    Steps(Build build) {
        this.build = build;
        quick.put("echo", (context, args) -> say(context, args.text("message")));
        quick.put("error", (context, args) -> fail(args.text("message", "")));
        quick.put("pwd", (context, args) -> folder(context, args));
        quick.put("isUnix", (context, args) -> true);
        quick.put("milestone", new MilestoneStep(build));
        quick.put("library", (context, args) -> null);
        quick.put("tool", (context, args) -> "");
        quick.put("properties", (context, args) -> properties(args));
        quick.put("unstable", this::unstable);
        FlowSteps.addTo(slow, build);
        StageSteps.addTo(slow, build);
        FileSteps.addTo(slow, build);
        StashSteps.addTo(slow, build);
        ReportSteps.addTo(slow, build);
        ScmSteps.addTo(slow, build);
        slow.put("sh", new ShellStep(build));
        slow.put("input", new InputStep(build));
        credentials = new CredentialStep(build);
        slow.put("withCredentials", credentials);
    }

    /** Calls the step NAME, or the library's variable of that name, with ARGUMENTS. */
    Object invoke(String name, Object[] arguments) {
        try {
            build.vm().current().checkInterruption();
            return call(name, arguments);
        } catch (Throwable thrown) {
            throw Thrown.sneaky(thrown);
        }
    }

    @SuppressWarnings("unchecked")
    private Object call(String name, Object[] arguments) throws Throwable {
        if (PIPELINE.equals(name)) {
            if (hasPipeline) {
                throw new IllegalStateException("Only one pipeline { ... } block can be executed in a single run.");
            }
            hasPipeline = true;
            Model.Block model = build.loader().model((Integer) arguments[0]);
            return suspend("pipeline", call -> new DeclarativeRun(build, call, model, (List<Closure<?>>) arguments[1]).run());
        }
        Object variable = build.loader().global(name);
        if (variable != null) {
            return Globals.call(variable, arguments);
        }
        Catalog.Step step = Catalog.find(name);
        if (step == null) {
            throw new NoSuchMethodError("No such DSL method '" + name + "' found among steps "
                    + new TreeSet<>(Catalog.names()));
        }
        boolean isValue = step.first() == null && step.kind() == Catalog.Kind.VALUE;
        return run(step, Args.of(name, isValue ? "value" : step.first(), arguments));
    }

    private Object run(Catalog.Step step, Args args) throws Throwable {
        return switch (step.kind()) {
            case VALUE -> new Described(step.name(), args.values());
            case LEFT_OUT -> leftOut(step, args);
            case IMPOSSIBLE -> throw new AbortException(step.name() + " cannot be run without a Jenkins");
            case RUNS -> quick.containsKey(step.name())
                    ? quick.get(step.name()).run(build.context(), args)
                    : suspend(step.name(), call -> slow.get(step.name()).run(call, args));
        };
    }

    /** Runs STEP from Java, within CALL. */
    Object run(String step, StepCall call, Object[] arguments) throws Throwable {
        return slow.get(step).run(call, Args.of(step, Catalog.find(step).first(), arguments));
    }

    CredentialStep credentials() {
        return credentials;
    }

    private Object suspend(String name, StepCall.Code code) {
        return Continuable.suspend(name, new StepCall(build.vm(), build.threads(), code));
    }

    private Object leftOut(Catalog.Step step, Args args) {
        if (leftOut.add(step.name())) {
            build.log(build.context(), step.name() + " is left out: it needs a Jenkins");
        }
        return step.hasBody() ? suspend(step.name(), call -> call.body(args.body(), call.context())) : null;
    }

    void print(String text) {
        build.log(build.context(), text);
    }

    private Object say(Context context, String text) {
        build.log(context, text);
        return null;
    }

    private static Object fail(String message) throws AbortException {
        throw new AbortException(message);
    }

    private Object folder(Context context, Args args) throws AbortException {
        String folder = FileSteps.folder("pwd", context).toString();
        return args.flag("tmp", false) ? context.workspace() + "@tmp" : folder;
    }

    private Object unstable(Context context, Args args) {
        build.log(context, "WARNING: " + args.text("message"));
        build.mark(context, Result.UNSTABLE);
        return null;
    }

    /** Takes the defaults of parameters; all other properties of a job mean nothing here. */
    private Object properties(Args args) throws AbortException {
        for (Object property : args.list("properties")) {
            if (property instanceof Described described && "parameters".equals(described.symbol)) {
                for (Object each : described.values()) {
                    Parameters.define(build, each);
                }
            }
        }
        return null;
    }
}
