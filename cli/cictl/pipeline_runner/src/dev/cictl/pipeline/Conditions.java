package dev.cictl.pipeline;

import groovy.lang.Closure;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.codehaus.groovy.runtime.typehandling.DefaultTypeTransformation;

/** Judges the conditions of `when`. */
final class Conditions {
    private final Build build;
    private final List<Closure<?>> leaves;

    Conditions(Build build, List<Closure<?>> leaves) {
        this.build = build;
        this.leaves = leaves;
    }

    boolean isMet(StepCall call, Model.Condition condition) throws Throwable {
        switch (condition.name()) {
            case "allOf":
                for (Model.Condition each : condition.inner()) {
                    if (!isMet(call, each)) {
                        return false;
                    }
                }
                return true;
            case "anyOf":
                for (Model.Condition each : condition.inner()) {
                    if (isMet(call, each)) {
                        return true;
                    }
                }
                return false;
            case "not":
                return !isMet(call, condition.inner().get(0));
            case "expression":
                // Groovy's truth: the text "false" is true, as Jenkins' documentation warns.
                return DefaultTypeTransformation.castToBoolean(call.body(leaves.get(condition.expression()), call.context()));
            default:
                List<?> arguments = (List<?>) call.body(leaves.get(condition.arguments()), call.context());
                return holds(condition.name(), arguments, build.environment(call.context()));
        }
    }

    private boolean holds(String name, List<?> arguments, Map<String, String> variables) {
        String first = "environment".equals(name) || "equals".equals(name) ? "name" : "pattern";
        Map<String, Object> args = arguments.isEmpty() ? Map.of() : Args.of(name, first, arguments.toArray()).values();
        return switch (name) {
            case "branch" -> isLike(args, "pattern", variables.get("BRANCH_NAME"), "GLOB");
            case "tag" -> variables.get("TAG_NAME") != null
                    && (args.isEmpty() || isLike(args, "pattern", variables.get("TAG_NAME"), "GLOB"));
            case "buildingTag" -> variables.get("TAG_NAME") != null;
            case "changeRequest" -> isChangeRequest(args, variables);
            case "environment" -> isEnvironment(args, variables);
            case "equals" -> isEqual(args.get("expected"), args.get("actual"));
            case "changeset" -> hasChanged(args);
            case "triggeredBy" -> "UserIdCause".equals(String.valueOf(args.getOrDefault("cause", args.get("pattern"))));
            default -> false; // changelog, isRestartedRun: nothing here was restarted, and no build came before
        };
    }

    private static boolean isEqual(Object expected, Object actual) {
        return Objects.equals(expected, actual) || DefaultTypeTransformation.compareEqual(expected, actual);
    }

    private static boolean isEnvironment(Map<String, Object> args, Map<String, String> variables) {
        String actual = variables.getOrDefault(String.valueOf(args.get("name")), "");
        String expected = String.valueOf(args.get("value"));
        return Boolean.TRUE.equals(args.get("ignoreCase")) ? actual.equalsIgnoreCase(expected) : actual.equals(expected);
    }

    private static boolean isChangeRequest(Map<String, Object> args, Map<String, String> variables) {
        if (variables.get("CHANGE_ID") == null) {
            return false;
        }
        return args.keySet().stream().filter(each -> !"comparator".equals(each)).allMatch(each -> {
            String variable = "CHANGE_" + each.replaceAll("([A-Z])", "_$1").toUpperCase(java.util.Locale.ROOT);
            return isLike(args, each, variables.get(variable), "EQUALS");
        });
    }

    private boolean hasChanged(Map<String, Object> args) {
        List<String> changed = build.request().changedFiles();
        return changed != null && changed.stream().anyMatch(each -> isLike(args, "pattern", each, "GLOB"));
    }

    private static boolean isLike(Map<String, Object> args, String key, String actual, String otherwise) {
        String pattern = String.valueOf(args.get(key));
        if (actual == null) {
            return false;
        }
        return switch (String.valueOf(args.getOrDefault("comparator", otherwise))) {
            case "REGEXP" -> actual.matches(pattern);
            case "EQUALS" -> actual.equals(pattern);
            default -> Globs.matches(pattern.toLowerCase(java.util.Locale.ROOT), actual.toLowerCase(java.util.Locale.ROOT));
        };
    }
}
