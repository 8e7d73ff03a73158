package dev.cictl.pipeline;

import hudson.AbortException;
import java.util.List;
import java.util.Map;

/** The parameters of a build: what was given, in the type that is defined, or the default. */
final class Parameters {
    private Parameters() {}

    /** Defines what DEFINITION says, or each of a list. */
    static void define(Build build, Object definition) throws AbortException {
        if (definition instanceof List<?> several) {
            for (Object each : several) {
                define(build, each);
            }
        } else if (definition instanceof Steps.Described one) {
            Object given = build.request().parameters().get(String.valueOf(one.get("name")));
            build.parameters().put(String.valueOf(one.get("name")), value(one, given));
        }
    }

    /** Returns what the parameter DEFINITION is where GIVEN was given; null is the default. */
    static Object value(Steps.Described definition, Object given) throws AbortException {
        Object value = given == null ? defaultOf(definition) : given;
        return switch (definition.symbol) {
            case "booleanParam" -> Boolean.parseBoolean(String.valueOf(value));
            case "choice" -> choice(definition, value);
            default -> text(definition, value == null ? "" : String.valueOf(value));
        };
    }

    private static String text(Steps.Described definition, String value) {
        return Boolean.parseBoolean(String.valueOf(definition.get("trim"))) ? value.trim() : value;
    }

    private static Object defaultOf(Map<String, Object> definition) {
        Object choices = definition.get("choices");
        if (choices instanceof List<?> list) {
            return list.isEmpty() ? "" : list.get(0);
        }
        return choices != null ? choices.toString().split("\\R")[0] : definition.get("defaultValue");
    }

    private static Object choice(Steps.Described definition, Object value) throws AbortException {
        Object choices = definition.get("choices");
        List<String> known = choices instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of(String.valueOf(choices).split("\\R"));
        if (!known.contains(String.valueOf(value))) {
            throw new AbortException("Illegal choice for parameter " + definition.get("name") + ": " + value
                    + "; there are " + String.join(", ", known));
        }
        return String.valueOf(value);
    }
}
