package dev.cictl.pipeline;

import groovy.lang.Closure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Puts around a part of a pipeline what its sections ask for. */
final class Surroundings {
    private final Build build;
    private final Model.Block root;
    private final List<Closure<?>> leaves;

    Surroundings(Build build, Model.Block root, List<Closure<?>> leaves) {
        this.build = build;
        this.root = root;
        this.leaves = leaves;
    }

    private Object value(StepCall call, int leaf, Context context) throws Throwable {
        return Args.plain(call.body(leaves.get(leaf), context));
    }

    void defineParameters(StepCall call) throws Throwable {
        for (Model.Call each : root.parameters) {
            Parameters.define(build, described(call, each));
        }
    }

    private Steps.Described described(StepCall call, Model.Call definition) throws Throwable {
        List<?> arguments = (List<?>) value(call, definition.arguments(), call.context());
        String first = Catalog.find(definition.name()).first();
        Args args = Args.of(definition.name(), first == null ? "value" : first, arguments.toArray());
        return new Steps.Described(definition.name(), args.values());
    }

    Object agent(StepCall call, Model.Block block, StepCall.Code inner) throws Throwable {
        Model.Agent agent = block.agent;
        if (agent == null || !agent.isNode()) {
            return inner.run(call);
        }
        Path folder = null;
        if (agent.workspace() >= 0) {
            String name = String.valueOf(value(call, agent.workspace(), call.context()));
            folder = build.request().scratch().resolve("ws").resolve(name.replaceFirst("^/+", ""));
        }
        boolean checksOut = !root.hasOption("skipDefaultCheckout") && !block.hasOption("skipDefaultCheckout");
        Context node = StageSteps.onNode(build, call.context(), folder);
        try {
            return JavaBody.run(build, call, node, in -> {
                if (checksOut && build.request().source() != null) {
                    ScmSteps.bring(build, in.context());
                }
                return inner.run(in);
            });
        } finally {
            StageSteps.leave(build, node);
        }
    }

    /** Adds the variables of BLOCK: credentials first, then the others, each after those that it reads. */
    Object environment(StepCall call, Model.Block block, StepCall.Code inner) throws Throwable {
        if (block.environment.isEmpty()) {
            return inner.run(call);
        }
        Map<String, String> variables = new LinkedHashMap<>();
        List<Path> files = new ArrayList<>();
        try {
            for (Model.EnvEntry each : block.environment) {
                if (each.isCredential()) {
                    String id = String.valueOf(value(call, each.value(), call.context()));
                    build.steps().credentials().bind(each.name(), id, variables, files);
                }
            }
            Set<String> begun = new LinkedHashSet<>();
            for (Model.EnvEntry each : block.environment) {
                resolve(call, each, block.environment, variables, begun);
            }
            Map<String, String> base = build.environment(call.context());
            return JavaBody.run(build, call, call.context().with(variables, base), inner);
        } finally {
            CredentialStep.remove(files);
        }
    }

    private void resolve(StepCall call, Model.EnvEntry entry, List<Model.EnvEntry> all, Map<String, String> variables,
            Set<String> begun) throws Throwable {
        if (entry.isCredential() || !begun.add(entry.name())) {
            return;
        }
        for (Model.EnvEntry other : all) {
            if (entry.names().contains(other.name())) {
                resolve(call, other, all, variables, begun);
            }
        }
        Object value = value(call, entry.value(), call.context().seeing(variables));
        variables.put(entry.name(), value == null ? "" : value.toString());
    }

    /** Puts the OPTIONS that are steps around INNER, the first one outermost. */
    Object options(StepCall call, List<Model.Call> options, StepCall.Code inner) throws Throwable {
        for (int i = 0; i < options.size(); i++) {
            Model.Call option = options.get(i);
            if (Vocabulary.WRAPPERS.contains(option.name())) {
                List<Model.Call> rest = options.subList(i + 1, options.size());
                List<Object> arguments = new ArrayList<>((List<?>) value(call, option.arguments(), call.context()));
                arguments.add(new JavaBody(build, in -> options(in, rest, inner)));
                return build.steps().run(option.name(), call, arguments.toArray());
            }
        }
        return inner.run(call);
    }

    /** Asks the question of BLOCK, and gives the answer's parameters to INNER as variables. */
    Object input(StepCall call, Model.Block block, StepCall.Code inner) throws Throwable {
        if (block.input == null) {
            return inner.run(call);
        }
        Map<String, Object> arguments = new LinkedHashMap<>();
        ((Map<?, ?>) value(call, block.input.arguments(), call.context()))
                .forEach((name, value) -> arguments.put(String.valueOf(name), value));
        List<Object> parameters = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (Model.Call each : block.input.parameters()) {
            Steps.Described described = described(call, each);
            parameters.add(described);
            names.add(String.valueOf(described.get("name")));
        }
        if (arguments.containsKey("submitterParameter")) {
            names.add(String.valueOf(arguments.get("submitterParameter")));
        }
        arguments.put("parameters", parameters);
        Object answer = build.steps().run("input", call, new Object[] {arguments});
        Map<String, String> variables = new LinkedHashMap<>();
        if (answer instanceof Map<?, ?> several) {
            several.forEach((name, value) -> variables.put(String.valueOf(name), String.valueOf(value)));
        } else if (answer != null) {
            variables.put(names.get(0), String.valueOf(answer));
        }
        return JavaBody.run(build, call, call.context().with(variables, Map.of()), inner);
    }
}
