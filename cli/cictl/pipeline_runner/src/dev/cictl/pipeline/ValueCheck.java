package dev.cictl.pipeline;

import hudson.model.Result;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.ListExpression;
import org.codehaus.groovy.ast.expr.MapExpression;

/** Checks the values of arguments that are literals, where Jenkins itself refuses others; of any other nothing is known. */
final class ValueCheck {
    private static final Set<String> UNITS = Arrays.stream(TimeUnit.values()).map(Enum::name)
            .collect(Collectors.toCollection(TreeSet::new));
    private static final Set<String> RESULTS = Arrays.stream(Result.values()).map(Enum::name)
            .collect(Collectors.toCollection(TreeSet::new));
    private static final Set<String> CRON_NAMES =
            Set.of("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly");
    private static final int[][] CRON_BOUNDS = {{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}};

    /** What a parameter takes. */
    private enum Type {
        INT("timeout.time retry.count lock.quantity"),
        LONG("sleep.time"),
        TEXT("""
                archiveArtifacts.artifacts dir.path echo.message error.message junit.testResults lock.resource
                logRotator.artifactDaysToKeepStr logRotator.artifactNumToKeepStr logRotator.daysToKeepStr
                logRotator.numToKeepStr readFile.file sh.label sh.script stash.name unstable.message unstash.name
                writeFile.file writeFile.text string.name string.defaultValue text.name text.defaultValue choice.name
                booleanParam.name password.name"""),
        LIST("withCredentials.bindings withEnv.overrides"),
        UNIT("sleep.unit timeout.unit"),
        RESULT("catchError.buildResult catchError.stageResult warnError.buildResult warnError.stageResult"),
        CRON("cron.spec pollSCM.spec");

        /** The parameters that take it, each behind its step. */
        private final List<String> parameters;

        Type(String parameters) {
            this.parameters = List.of(parameters.split("\\s+"));
        }
    }

    private static final Map<String, Type> TYPES = Arrays.stream(Type.values()).collect(
            HashMap::new, (types, type) -> type.parameters.forEach(each -> types.put(each, type)), Map::putAll);

    private final String file;
    private final Problems problems;

    ValueCheck(String file, Problems problems) {
        this.file = file;
        this.problems = problems;
    }

    /** Checks the values of ARGUMENTS of STEP, named or not. */
    void check(Catalog.Step step, List<Expression> arguments) {
        Ast.named(arguments).forEach((name, value) -> check(step.name(), name, value));
        Expression unnamed = unnamed(arguments);
        if (unnamed != null && step.first() != null) {
            check(step.name(), step.first(), unnamed);
        }
    }

    /** Refuses a number that is written as a text, which Jenkins takes in scripts but not in declarative sections, in its words. */
    void checkNumbers(Catalog.Step step, List<Expression> arguments) {
        Ast.named(arguments).forEach((name, value) -> refuseText(step.name(), name, " for parameter \"" + name + "\"", value));
        Expression unnamed = unnamed(arguments);
        if (unnamed != null && step.first() != null) {
            refuseText(step.name(), step.first(), "", unnamed);
        }
    }

    private static Expression unnamed(List<Expression> arguments) {
        List<Expression> unnamed = arguments.stream().filter(each -> !(each instanceof MapExpression)).toList();
        return unnamed.size() == 1 ? unnamed.get(0) : null;
    }

    private void refuseText(String step, String name, String shownName, Expression value) {
        String text = Ast.literal(value);
        Type type = TYPES.get(step + "." + name);
        boolean isNumber = (type == Type.INT || type == Type.LONG) && text != null && wanted(type, text) == null;
        // Groovy, which is asked there, makes a long of one character.
        if (isNumber && !(type == Type.LONG && text.length() == 1)) {
            String wanted = type.name().toLowerCase(Locale.ROOT);
            problems.error("Expecting \"" + wanted + "\"" + shownName + " but got \"" + text
                    + "\" of type class java.lang.String instead", Ast.place(file, value));
        }
    }

    private void check(String step, String name, Expression value) {
        Type type = TYPES.get(step + "." + name);
        Object literal = value instanceof ConstantExpression constant ? constant.getValue() : null;
        if (type == null || literal == null) {
            return;
        }
        String wanted = wanted(type, literal);
        if (wanted != null) {
            problems.error("Expecting " + wanted + " for parameter \"" + name + "\" of " + step + " but got " + shown(literal),
                    Ast.place(file, value));
        } else if (literal instanceof String text) {
            checkText(type, name + " of " + step, text, value);
        }
    }

    /** Returns what TYPE wants where LITERAL is of another kind: Jenkins makes a number of a text that is one. */
    private static String wanted(Type type, Object literal) {
        return switch (type) {
            case INT, LONG -> literal instanceof Number || literal.toString().matches("[+-]?\\d+") ? null : "a number";
            case LIST -> "a list";
            default -> literal instanceof String ? null : "a text";
        };
    }

    private void checkText(Type type, String what, String text, Expression at) {
        switch (type) {
            case UNIT -> known("\"" + text + "\" is no unit of time for " + what, text, UNITS, UNITS, at);
            case RESULT -> checkResult(what, text, at);
            case CRON -> cronProblems(text).forEach(each -> problems.error(each, Ast.place(file, at)));
            default -> { }
        }
    }

    /** Checks TEXT, a result that is given to WHAT. */
    void checkResult(String what, String text, Expression at) {
        known("\"" + text + "\" is no result for " + what, text.toUpperCase(Locale.ROOT), RESULTS, RESULTS, at);
    }

    private void known(String message, String text, Set<String> known, Set<String> shown, Expression at) {
        if (!known.contains(text)) {
            problems.unknown(message, text, shown, Ast.place(file, at));
        }
    }

    private static List<String> cronProblems(String specification) {
        List<String> found = new ArrayList<>();
        for (String line : specification.split("\\R")) {
            String text = line.strip();
            boolean isTimed = !text.isEmpty() && !text.startsWith("#") && !text.startsWith("TZ=");
            String why = isTimed ? cronProblem(text) : null;
            if (why != null) {
                found.add("Invalid schedule \"" + text + "\": " + why);
            }
        }
        return found;
    }

    private static String cronProblem(String line) {
        if (line.startsWith("@")) {
            return CRON_NAMES.contains(line) ? null : "known: " + String.join(", ", new TreeSet<>(CRON_NAMES));
        }
        String[] fields = line.split("\\s+");
        if (fields.length != CRON_BOUNDS.length) {
            return "it needs 5 fields (minute, hour, day, month, day of the week), and has " + fields.length;
        }
        for (int i = 0; i < fields.length; i++) {
            int[] bounds = CRON_BOUNDS[i];
            if (fields[i].matches("\\d{1,9}")
                    && (Integer.parseInt(fields[i]) < bounds[0] || Integer.parseInt(fields[i]) > bounds[1])) {
                return fields[i] + " is not in " + bounds[0] + "-" + bounds[1];
            }
        }
        return null;
    }

    /** Returns the texts that VALUE, a literal list or lines of one text, holds; null where that is not known. */
    static List<String> texts(Expression value) {
        if (Ast.literal(value) != null) {
            return List.of(Ast.literal(value).split("\\R"));
        }
        if (!(value instanceof ListExpression list) || list.getExpressions().stream().anyMatch(each -> Ast.literal(each) == null)) {
            return null;
        }
        return list.getExpressions().stream().map(Ast::literal).toList();
    }

    private static String shown(Object literal) {
        return literal instanceof String text ? "\"" + text + "\"" : String.valueOf(literal);
    }
}
