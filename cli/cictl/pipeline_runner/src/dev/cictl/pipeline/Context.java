package dev.cictl.pipeline;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a step runs: its variables, folder, stage and branch of `parallel`. A body gets a changed copy. A variable that is
 * null here is unset, whatever it is outside.
 */
record Context(Map<String, String> overlay, Path folder, Path workspace, Stage stage, String branch, boolean hasTimes) {

    static Context outermost() {
        return new Context(Map.of(), null, null, null, null, false);
    }

    /**
     * Returns this with VARIABLES on top, by Jenkins' rules: what is empty is unset, `PATH+X` puts its value in front of what
     * PATH holds in BASE, and dollars mean nothing.
     */
    Context with(Map<String, String> variables, Map<String, String> base) {
        Map<String, String> merged = new LinkedHashMap<>(overlay);
        variables.forEach((name, value) -> {
            int plus = name.indexOf('+');
            if (value.isEmpty()) {
                merged.put(name, null);
            } else if (plus <= 0) {
                merged.put(name, value);
            } else {
                String plain = name.substring(0, plus);
                String before = merged.containsKey(plain) ? merged.get(plain) : base.get(plain);
                merged.put(plain, before == null ? value : value + ":" + before);
            }
        });
        return new Context(Collections.unmodifiableMap(merged), folder, workspace, stage, branch, hasTimes);
    }

    /** Returns this for what reads VARIABLES while they are made: none of them is unset yet. */
    Context seeing(Map<String, String> variables) {
        Map<String, String> merged = new LinkedHashMap<>(overlay);
        merged.putAll(variables);
        return new Context(Collections.unmodifiableMap(merged), folder, workspace, stage, branch, hasTimes);
    }

    Context in(Path inner) {
        return new Context(overlay, inner, workspace, stage, branch, hasTimes);
    }

    Context on(Path root) {
        return new Context(overlay, root, root, stage, branch, hasTimes);
    }

    Context in(Stage inner) {
        return new Context(overlay, folder, workspace, inner, branch, hasTimes);
    }

    Context branch(String name) {
        return new Context(overlay, folder, workspace, stage, name, hasTimes);
    }

    Context withTimes() {
        return new Context(overlay, folder, workspace, stage, branch, true);
    }
}
