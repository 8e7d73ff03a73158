package dev.cictl.pipeline;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.codehaus.groovy.ast.ASTNode;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.Expression;
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
    private static final Map<String, Set<String>> REQUIRED =
            Map.of("environment", Set.of("name", "value"), "equals", Set.of("expected", "actual"));

    private final String file;
    private final Problems problems;
    private final Leaves leaves;

    ConditionParser(String file, Problems problems, Leaves leaves) {
        this.file = file;
        this.problems = problems;
        this.leaves = leaves;
    }

    Model.When when(ClosureExpression block, ASTNode at) {
        Set<String> before = new HashSet<>();
        List<Model.Condition> found = new ArrayList<>();
        for (Statement statement : Ast.statements(block)) {
            MethodCallExpression call = Ast.bareCall(statement);
            if (call != null && Vocabulary.BEFORE.contains(call.getMethodAsString())) {
                if (Ast.isTrue(Ast.arguments(call))) {
                    before.add(call.getMethodAsString());
                }
            } else {
                add(statement, found);
            }
        }
        if (Ast.statements(block).isEmpty()) {
            problems.error("Empty when closure, remove the property or add some content.", place(at));
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
        Set<String> known = PARAMETERS.getOrDefault(name, Set.of());
        Map<String, Expression> named = Ast.named(Ast.arguments(call));
        for (Map.Entry<String, Expression> each : named.entrySet()) {
            if (!known.contains(each.getKey())) {
                problems.unknown("Invalid parameter \"" + each.getKey() + "\" of condition " + name, each.getKey(), known,
                        place(each.getValue()));
            }
        }
        for (String required : REQUIRED.getOrDefault(name, Set.of())) {
            if (!named.containsKey(required)) {
                problems.error("Missing required parameter: \"" + required + "\" of condition " + name, place(call));
            }
        }
    }

    private Problem.Place place(ASTNode node) {
        return Ast.place(file, node);
    }
}
