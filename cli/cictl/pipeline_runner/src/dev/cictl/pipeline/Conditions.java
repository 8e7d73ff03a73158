package dev.cictl.pipeline;

import groovy.lang.Closure;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
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
                return holds(call, condition.name(), arguments);
        }
    }

    private boolean holds(StepCall call, String name, List<?> arguments) {
        Map<String, String> variables = build.environment(call.context());
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
            case "changeset" -> hasChanged(call, args);
            case "changelog" -> isLogged(call, String.valueOf(args.get("pattern")));
            case "triggeredBy" -> isTriggeredBy(args);
            default -> false; // isRestartedRun: nothing here was
        };
    }

    /** Whether a person is meant, which is who runs this. */
    private boolean isTriggeredBy(Map<String, Object> args) {
        String cause = String.valueOf(args.getOrDefault("cause", args.get("pattern")));
        boolean isPerson = List.of("UserIdCause", "hudson.model.Cause$UserIdCause").contains(cause);
        return isPerson && (args.get("detail") == null || build.user().equals(String.valueOf(args.get("detail"))));
    }

    /** Whether the first line of a commit's message is like PATTERN, or the whole of it, where dots match line ends. */
    private boolean isLogged(StepCall call, String pattern) {
        List<String> messages = build.request().commitMessages();
        warnIfEmpty(call, messages);
        Pattern whole = Pattern.compile(pattern, Pattern.MULTILINE | Pattern.DOTALL);
        return messages.stream().anyMatch(each -> each.lines().findFirst().orElse("").matches(pattern)
                || whole.matcher(each).matches());
    }

    private void warnIfEmpty(StepCall call, List<String> changes) {
        if (changes.isEmpty()) {
            build.log(call.context(), "Warning, empty changelog. Probably because this is the first build.");
        }
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
            String variable = "CHANGE_" + each.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT);
            return isLike(args, each, variables.get(variable), "EQUALS");
        });
    }

    private boolean hasChanged(StepCall call, Map<String, Object> args) {
        List<String> changed = build.request().changedFiles() == null ? List.of() : build.request().changedFiles();
        warnIfEmpty(call, changed);
        String key = args.containsKey("glob") ? "glob" : "pattern";
        if (Boolean.TRUE.equals(args.get("caseSensitive")) && !args.containsKey("comparator")) {
            return changed.stream().anyMatch(each -> Globs.matches(String.valueOf(args.get(key)), each));
        }
        return changed.stream().anyMatch(each -> isLike(args, key, each, "GLOB"));
    }

    private static boolean isLike(Map<String, Object> args, String key, String actual, String otherwise) {
        String pattern = String.valueOf(args.get(key));
        if (actual == null) {
            return false;
        }
        return switch (String.valueOf(args.getOrDefault("comparator", otherwise)).toUpperCase(Locale.ROOT)) {
            case "REGEXP" -> actual.matches(pattern);
            case "EQUALS" -> actual.equals(pattern);
            default -> Globs.matches(pattern.toLowerCase(Locale.ROOT), actual.toLowerCase(Locale.ROOT));
        };
    }
}
