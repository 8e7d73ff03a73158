package dev.cictl.pipeline;

import hudson.AbortException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;

/** `lock`: lets one branch of the run at a time into its body; it holds against no other build. */
final class LockStep implements Steps.Slow {
    private final Build build;
    private final Map<String, Semaphore> locks = new ConcurrentHashMap<>();

    LockStep(Build build) {
        this.build = build;
    }

    @Override
    public Object run(StepCall call, Args args) throws Throwable {
        Map<String, String> resources = resources(args);
        String said = said(args, resources);
        build.log(call.context(), "Trying to acquire lock on " + said);
        List<Semaphore> wanted = resources.keySet().stream().sorted().map(this::semaphore).toList();
        List<Semaphore> held = new ArrayList<>();
        try {
            if (!haveAll(wanted, held)) {
                boolean isSkipped = args.flag("skipIfLocked", false);
                build.log(call.context(), said + " is not free, " + (isSkipped ? "skipping" : "waiting for") + " execution ...");
                if (isSkipped) {
                    return null;
                }
                waitForAll(wanted, held);
            }
            build.log(call.context(), "Lock acquired on " + said);
            try {
                return call.body(args.body(), call.context().with(variables(args, resources), Map.of()));
            } finally {
                build.log(call.context(), "Lock released on resource " + said);
            }
        } finally {
            held.forEach(Semaphore::release);
        }
    }

    private Semaphore semaphore(String resource) {
        return locks.computeIfAbsent(resource, each -> new Semaphore(1, true));
    }

    /** Takes all WANTED if they are free, and whether so; else none is HELD. */
    private static boolean haveAll(List<Semaphore> wanted, List<Semaphore> held) {
        for (Semaphore each : wanted) {
            if (!each.tryAcquire()) {
                held.forEach(Semaphore::release);
                held.clear();
                return false;
            }
            held.add(each);
        }
        return true;
    }

    private static void waitForAll(List<Semaphore> wanted, List<Semaphore> held) throws InterruptedException {
        for (Semaphore each : wanted) {
            each.acquire();
            held.add(each);
        }
    }

    /** Returns the resources' names, each with how Jenkins speaks of it. */
    private static Map<String, String> resources(Args args) throws AbortException {
        Map<String, String> resources = new LinkedHashMap<>();
        if (!args.has("extra") || args.has("resource") || args.has("label")) {
            add(args.values(), resources);
        }
        for (Object each : args.list("extra")) {
            if (each instanceof Map<?, ?> map) {
                add(map, resources);
            }
        }
        return resources;
    }

    private static void add(Map<?, ?> given, Map<String, String> resources) throws AbortException {
        Object resource = given.get("resource");
        Object label = given.get("label");
        if (resource != null && label != null) {
            throw new AbortException("Label and resource name cannot be specified simultaneously.");
        }
        if (resource == null && label == null) {
            throw new AbortException("Either resource label or resource name must be specified.");
        }
        Object quantity = given.get("quantity");
        resources.put(String.valueOf(resource == null ? label : resource), resource != null
                ? "Resource: " + resource
                : "Label: " + label + (quantity == null ? "" : ", Quantity: " + quantity));
    }

    private static String said(Args args, Map<String, String> resources) {
        return args.has("extra")
                ? resources.values().stream().map(each -> "{" + each + "}").collect(Collectors.joining(",", "[", "]"))
                : "[" + String.join("", resources.values()) + "]";
    }

    /** Returns all names in the variable that ARGS ask for, and each in one with its number. */
    private static Map<String, String> variables(Args args, Map<String, String> resources) {
        Map<String, String> variables = new LinkedHashMap<>();
        if (args.has("variable")) {
            String name = args.text("variable");
            variables.put(name, String.join(",", resources.keySet()));
            resources.keySet().forEach(each -> variables.put(name + (variables.size() - 1), each));
        }
        return variables;
    }
}
