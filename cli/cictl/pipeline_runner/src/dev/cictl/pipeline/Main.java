package dev.cictl.pipeline;

import com.cloudbees.groovy.cps.impl.CpsCallableInvocation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Runs Jenkinsfiles. Arguments: where events go, and `batch` for requests line by line until stdin ends; else there is
 * one request, and what follows it are answers.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        Events events = new Events(arguments[0]);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        CpsCallableInvocation.registerMismatchHandler(Main::mismatch);
        boolean isBatch = arguments.length > 1 && "batch".equals(arguments[1]);
        String line = in.readLine();
        while (line != null) {
            Request request = new Request(Json.read(line));
            Inputs inputs = new Inputs();
            if (!isBatch) {
                removeAtEnd(request.scratch());
                inputs.listen(in);
            }
            serve(request, events, inputs);
            line = isBatch ? in.readLine() : null;
        }
        System.exit(0);
    }

    /** Has FOLDER go with this process, since cictl may have been killed before. */
    private static void removeAtEnd(Path folder) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                FileSteps.deleteTree(folder);
            } catch (IOException | UncheckedIOException left) {
                // a later run of cictl removes it
            }
        }));
    }

    /** Says what a continuation that came out at the wrong place means, in Jenkins' words. */
    private static void mismatch(Object expected, String expectedMethod, Object actual, String actualMethod) {
        Build build = Build.current();
        build.log(build.context(), "expected to call " + name(expected) + "." + expectedMethod + " but wound up catching "
                + (actual == null ? "" : name(actual) + ".") + actualMethod
                + "; see: https://jenkins.io/redirect/pipeline-cps-method-mismatches/");
    }

    private static String name(Object receiver) {
        return receiver instanceof Class<?> type ? type.getName() : receiver == null ? "null" : receiver.getClass().getName();
    }

    private static void serve(Request request, Events events, Inputs inputs) throws InterruptedException {
        Loader loader = new Loader(request.libraryPaths(), request.isSandboxed());
        loader.load(request.jenkinsfile());
        checkLibraries(request, loader);
        checkSelection(request, loader);
        checkParameters(request, loader);
        loader.problems().credentials().forEach((id, place) -> {
            if (!request.credentials().containsKey(id)) {
                loader.problems().note("credential " + id + " is not given: a build that uses it fails; pass --credential "
                        + id + "=FILE|ENV", place);
            }
        });
        for (Problem each : loader.problems().sorted()) {
            events.send("problem", "severity", each.isError() ? "error" : "note", "message", each.message(),
                    "file", request.shown(each.file()), "line", each.line(), "column", each.column(), "hint", each.hint());
        }
        events.send("loaded", "declarative", loader.firstModel() != null, "stages", tree(loader.firstModel()));
        if (loader.problems().hasErrors() || request.isLint()) {
            events.send("checked", "ok", !loader.problems().hasErrors());
            return;
        }
        Build build = new Build(request, events, loader, inputs);
        inputs.onAbort(build::abort);
        build.run();
    }

    private static void checkLibraries(Request request, Loader loader) {
        loader.problems().libraries().forEach((name, place) -> {
            if (!request.libraries().containsKey(name) && !request.libraries().containsKey("*")) {
                loader.problems().add(Problem.error("Could not find any definition of libraries [" + name + "]", place,
                        "pass --library " + name + "=PATH"));
            }
        });
    }

    /** Refuses parameters that nothing defines; where there are no definitions, the job's own may define them. */
    private static void checkParameters(Request request, Loader loader) {
        Model.Block root = loader.firstModel();
        if (root == null || root.parameters.isEmpty() || root.parameters.size() != root.parameterNames.size()) {
            return;
        }
        request.parameters().forEach((name, value) -> {
            List<String> choices = root.parameterNames.getOrDefault(name, List.of());
            if (!root.parameterNames.containsKey(name)) {
                Set<String> names = root.parameterNames.keySet();
                loader.problems().unknown("there is no parameter \"" + name + "\"", name, names, root.place);
            } else if (!choices.isEmpty() && !choices.contains(value)) {
                loader.problems().unknown("Illegal choice for parameter " + name + ": " + value, value, choices, root.place);
            }
        });
    }

    private static void checkSelection(Request request, Loader loader) {
        String name = request.stage() != null ? request.stage() : request.from();
        if (name == null || loader.problems().hasErrors()) {
            return;
        }
        Problem.Place place = new Problem.Place(request.jenkinsfile().toString(), 1, 1);
        Model.Block root = loader.firstModel();
        if (root == null) {
            loader.problems().error("stages of a scripted pipeline cannot be selected", place);
            return;
        }
        TreeSet<String> names = new TreeSet<>();
        collect(root, names);
        if (!names.contains(name)) {
            loader.problems().unknown("there is no stage \"" + name + "\"", name, names, place);
        }
    }

    private static void collect(Model.Block block, TreeSet<String> names) {
        for (Model.Block each : block.stages) {
            names.add(each.name);
            collect(each, names);
        }
    }

    private static List<Object> tree(Model.Block block) {
        List<Object> stages = new ArrayList<>();
        if (block != null) {
            for (Model.Block each : block.stages) {
                Map<String, Object> stage = new LinkedHashMap<>();
                stage.put("name", each.name);
                stage.put("stages", tree(each));
                stages.add(stage);
            }
        }
        return stages;
    }
}
