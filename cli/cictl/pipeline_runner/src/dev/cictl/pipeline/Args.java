package dev.cictl.pipeline;

import groovy.lang.Closure;
import groovy.lang.GString;
import hudson.AbortException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a step was called with: values by name, and its body. */
final class Args {
    private final String step;
    private final Map<String, Object> values;
    private final Closure<?> body;

    private Args(String step, Map<String, Object> values, Closure<?> body) {
        this.step = step;
        this.values = values;
        this.body = body;
    }

    /** Sorts the ARGUMENTS of a call of STEP, whose one unnamed value is called FIRST. */
    static Args of(String step, String first, Object[] arguments) {
        Closure<?> body = null;
        int count = arguments.length;
        if (count > 0 && arguments[count - 1] instanceof Closure<?> last) {
            body = last;
            count--;
        }
        Map<String, Object> values = new LinkedHashMap<>();
        if (count == 1 && arguments[0] instanceof Map<?, ?> named && !isPositionalMap(first)) {
            named.forEach((name, value) -> values.put(String.valueOf(name), plain(value)));
        } else if (count == 1 && first != null) {
            values.put(first, plain(arguments[0]));
        } else if (count > 0) {
            throw new IllegalArgumentException("Expected named arguments but got " + Arrays.asList(arguments).subList(0, count)
                    + " (step: " + step + ")");
        }
        return new Args(step, values, body);
    }

    private static boolean isPositionalMap(String first) {
        return "branches".equals(first) || "scm".equals(first);
    }

    /** Returns VALUE without the laziness of a GString. */
    static Object plain(Object value) {
        if (value instanceof GString) {
            return value.toString();
        }
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>();
            list.forEach(each -> copy.add(plain(each)));
            return copy;
        }
        return value;
    }

    Closure<?> body() {
        if (body == null) {
            throw new IllegalStateException("There is no body to invoke");
        }
        return body;
    }

    boolean hasBody() {
        return body != null;
    }

    Map<String, Object> values() {
        return values;
    }

    boolean has(String name) {
        return values.get(name) != null;
    }

    Object value(String name) {
        return values.get(name);
    }

    String text(String name) {
        Object value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("Missing required parameter: \"" + name + "\" of step '" + step + "'");
        }
        return text(name, null);
    }

    /** Returns the text NAME; of anything else, other than a named constant, Jenkins makes none. */
    String text(String name, String otherwise) {
        Object value = values.get(name);
        if (value != null && !(value instanceof CharSequence || value instanceof Enum<?>)) {
            throw new ClassCastException(step + "." + name + " expects class java.lang.String but received " + value.getClass());
        }
        return value == null ? otherwise : value.toString();
    }

    boolean flag(String name, boolean otherwise) {
        Object value = values.get(name);
        return value == null ? otherwise : Boolean.parseBoolean(value.toString());
    }

    /** Returns the unit of time NAME. */
    TimeUnit unit(String name, TimeUnit otherwise) throws AbortException {
        String text = text(name, otherwise.name());
        try {
            return TimeUnit.valueOf(text);
        } catch (IllegalArgumentException none) {
            throw new AbortException("\"" + text + "\" is no unit of time for " + name + " of " + step + "; known: "
                    + Stream.of(TimeUnit.values()).map(Enum::name).collect(Collectors.joining(", ")));
        }
    }

    long number(String name, long otherwise) throws AbortException {
        Object value = values.get(name);
        if (value == null) {
            return otherwise;
        }
        try {
            return value instanceof Number number ? number.longValue() : Long.parseLong(value.toString().trim());
        } catch (NumberFormatException none) {
            throw new AbortException("Expecting a number for parameter \"" + name + "\" of " + step + " but got \"" + value + "\"");
        }
    }

    List<?> list(String name) {
        Object value = values.get(name);
        return value == null ? List.of() : value instanceof List<?> list ? list : List.of(value);
    }
}
