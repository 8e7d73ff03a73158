package dev.cictl.pipeline;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.codehaus.groovy.ast.ASTNode;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MapExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.stmt.Statement;

/** Reads `when`. */
final class ConditionParser {
    private static final Map<String, Set<String>> PARAMETERS = Map.of(
            "branch", Set.of("pattern", "comparator"),
            "tag", Set.of("pattern", "comparator"),
            "changelog", Set.of("pattern"),
            "changeset", Set.of("pattern", "comparator", "caseSensitive", "glob"),
            "environment", Set.of("name", "value", "ignoreCase"),
            "equals", Set.of("expected", "actual"),
            "triggeredBy", Set.of("cause", "detail"),
            "changeRequest", Set.of("id", "target", "branch", "fork", "url", "title", "author", "authorDisplayName",
                    "authorEmail", "comparator"));
    private static final Map<String, Set<String>> REQUIRED = Map.of(
            "environment", Set.of("name", "value"), "equals", Set.of("expected", "actual"), "branch", Set.of("pattern"),
            "changelog", Set.of("pattern"), "triggeredBy", Set.of("cause"));
    /** Those that take one value without a name, and the name that it has. */
    private static final Map<String, String> FIRST = Map.of("branch", "pattern", "tag", "pattern", "changelog", "pattern",
            "changeset", "pattern", "triggeredBy", "cause");
    /** Parameters that are no texts. */
    private static final Set<String> NO_TEXTS = Set.of("expected", "actual", "ignoreCase", "caseSensitive");

    private final String file;
    private final Problems problems;
    private final Leaves leaves;

    ConditionParser(String file, Problems problems, Leaves leaves) {
        this.file = file;
        this.problems = problems;
        this.leaves = leaves;
    }

    Model.When when(ClosureExpression block) {
        Set<String> before = new HashSet<>();
        List<Model.Condition> found = new ArrayList<>();
        for (Statement statement : Ast.statements(block)) {
            MethodCallExpression call = Ast.bareCall(statement);
            if (call != null && Vocabulary.BEFORE.contains(call.getMethodAsString())) {
                if (Ast.flag(call, file, problems)) {
                    before.add(call.getMethodAsString());
                }
            } else {
                add(statement, found);
            }
        }
        if (found.isEmpty() && !problems.hasErrors()) {
            problems.error(Vocabulary.NEVER_EMPTY.get("when"), place(block));
        }
        Model.Condition all = new Model.Condition("allOf", -1, -1, found);
        return new Model.When(all, before.contains("beforeAgent"), before.contains("beforeInput"),
                before.contains("beforeOptions"));
    }

    private void add(Statement statement, List<Model.Condition> found) {
        MethodCallExpression call = Ast.bareCall(statement);
        String name = call == null ? DeclarativeParser.text(statement) : call.getMethodAsString();
        if (!Vocabulary.CONDITIONS.contains(name)) {
            problems.unknown("Unknown conditional " + name, name, Vocabulary.CONDITIONS, place(statement));
        } else if (call == null) {
            problems.error("Expected a when condition; write " + name + "()", place(statement));
        } else if (Vocabulary.NESTING.contains(name)) {
            found.add(nesting(name, call));
        } else if ("expression".equals(name)) {
            found.add(expression(call));
        } else {
            checkParameters(name, call);
            found.add(new Model.Condition(name, leaves.arguments(Ast.arguments(call)), -1, List.of()));
        }
    }

    private Model.Condition nesting(String name, MethodCallExpression call) {
        if (!Ast.plainArguments(call).isEmpty()) {
            problems.error("No additional arguments are allowed for children when condition \"" + name + "\".", place(call));
        }
        List<Model.Condition> inner = new ArrayList<>();
        ClosureExpression block = Ast.block(call);
        if (block != null) {
            Ast.statements(block).forEach(each -> add(each, inner));
        }
        if (inner.isEmpty() && !problems.hasErrors()) {
            problems.error("Nested when condition \"" + name + "\" requires at least one child condition.", place(call));
        }
        if ("not".equals(name) && inner.size() > 1) {
            problems.error("Nested when condition \"not\" requires exactly 1 child condition(s).", place(call));
        }
        return new Model.Condition(name, -1, -1, inner);
    }

    private Model.Condition expression(MethodCallExpression call) {
        ClosureExpression block = Ast.block(call);
        if (block == null) {
            problems.error("Expected a block for expression", place(call));
            return new Model.Condition("allOf", -1, -1, List.of());
        }
        return new Model.Condition("expression", -1, leaves.body(block), List.of());
    }

    private void checkParameters(String name, MethodCallExpression call) {
        if (Ast.block(call) != null) {
            problems.error("No children when conditions are allowed for when condition \"" + name + "\".", place(call));
        }
        List<Expression> arguments = Ast.plainArguments(call);
        Map<String, Expression> named = new LinkedHashMap<>(Ast.named(arguments));
        String first = FIRST.get(name);
        boolean hasUnnamed = arguments.stream().anyMatch(each -> !(each instanceof MapExpression));
        if (arguments.size() > 1) {
            problems.error("Arguments to \"" + name + "\" must be explicitly named.", place(call));
            return;
        }
        if (hasUnnamed && first != null) {
            named.put(first, arguments.get(0));
        } else if (hasUnnamed && !REQUIRED.containsKey(name)) {
            problems.error("Condition " + name + " does not take a single required parameter - use named parameters instead",
                    place(call));
        }
        checkNamed(name, named, call);
    }

    private void checkNamed(String name, Map<String, Expression> named, ASTNode call) {
        Set<String> known = PARAMETERS.getOrDefault(name, Set.of());
        for (Map.Entry<String, Expression> each : named.entrySet()) {
            if (!known.contains(each.getKey())) {
                problems.unknown("Invalid parameter \"" + each.getKey() + "\" of condition " + name, each.getKey(), known,
                        place(each.getValue()));
            } else if (!NO_TEXTS.contains(each.getKey())) {
                checkText(name, each.getKey(), each.getValue());
            }
        }
        for (String required : REQUIRED.getOrDefault(name, Set.of())) {
            if (!named.containsKey(required)) {
                problems.error("Missing required parameter: \"" + required + "\" of condition " + name, place(call));
            }
        }
    }

    private void checkText(String condition, String parameter, Expression value) {
        String text = Ast.literal(value);
        if (value instanceof ConstantExpression constant && constant.getValue() != null && text == null) {
            problems.error("Expecting a text for parameter \"" + parameter + "\" of condition " + condition + " but got "
                    + constant.getValue(), place(value));
        } else if ("changelog".equals(condition) && text != null) {
            try {
                Pattern.compile(text);
            } catch (PatternSyntaxException problem) {
                problems.error("\"" + text + "\" is not a valid regular expression. " + problem.getDescription(), place(value));
            }
        }
    }

    private Problem.Place place(ASTNode node) {
        return Ast.place(file, node);
    }
}
