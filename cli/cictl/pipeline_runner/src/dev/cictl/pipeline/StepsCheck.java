package dev.cictl.pipeline;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MapExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.stmt.Statement;

/** Checks what may stand in a `steps` block, where Jenkins takes calls of steps and nothing else. */
final class StepsCheck {
    private final String file;
    private final Problems problems;
    private final ValueCheck values;

    StepsCheck(String file, Problems problems) {
        this.file = file;
        this.problems = problems;
        this.values = new ValueCheck(file, problems);
    }

    /** Checks BLOCK and the blocks of steps in it, other than `script`. */
    void check(ClosureExpression block) {
        for (Statement statement : Ast.statements(block)) {
            Expression expression = Ast.expression(statement);
            if (expression instanceof MethodCallExpression call && !Ast.isBare(call)) {
                problems.error("Method calls on objects not allowed outside \"script\" blocks.",
                        Ast.place(file, statement));
            } else if (!(expression instanceof MethodCallExpression)) {
                problems.error("Expected a step", Ast.place(file, statement));
            } else {
                checkStep((MethodCallExpression) expression);
            }
        }
    }

    private void checkStep(MethodCallExpression call) {
        String name = call.getMethodAsString();
        if (Vocabulary.NO_STEPS.contains(name)) {
            problems.error("Invalid step \"" + name + "\" used - not allowed in this context - The " + name
                    + " step cannot be used in Declarative Pipelines", Ast.place(file, call));
        }
        Catalog.Step step = Catalog.find(name);
        if (step == null) {
            return;
        }
        values.checkNumbers(step, Ast.plainArguments(call));
        checkCount(call);
        ClosureExpression body = Ast.block(call);
        if (body != null && step.hasBody() && !"script".equals(name)) {
            check(body);
        }
    }

    /** Checks CALL, which stands in a section that holds no steps, and the calls that it takes. */
    void checkSetting(MethodCallExpression call) {
        checkArguments(call);
        List<Expression> arguments = Ast.plainArguments(call);
        Catalog.Step step = Catalog.find(call.getMethodAsString());
        if (step != null) {
            values.checkNumbers(step, arguments);
            checkCount(call);
        }
        for (Expression each : arguments) {
            if (each instanceof MethodCallExpression inner && Ast.isBare(inner)) {
                checkSetting(inner);
            }
        }
    }

    /** Checks that CALL, which Jenkins judges before it runs, has one value without a name or values by name. */
    private void checkCount(MethodCallExpression call) {
        if (Ast.plainArguments(call).size() > 1) {
            problems.error("Arguments to \"" + call.getMethodAsString() + "\" must be explicitly named.", Ast.place(file, call));
        }
    }

    /** Checks the names of the arguments of CALL, where the step is known to take no others. */
    void checkArguments(MethodCallExpression call) {
        Catalog.Step step = Catalog.find(call.getMethodAsString());
        if (step == null) {
            return;
        }
        List<Expression> arguments = Ast.plainArguments(call);
        Map<String, Expression> named = Ast.named(arguments);
        values.check(step, arguments);
        if (!step.isClosed()) {
            return;
        }
        boolean isMap = arguments.size() == 1 && arguments.get(0) instanceof MapExpression && Set.of("checkout", "wrap").contains(step.name());
        if (isMap || arguments.stream().anyMatch(each -> !(each instanceof MapExpression || isPlain(each)))) {
            return;
        }
        for (Map.Entry<String, Expression> each : named.entrySet()) {
            if (!step.parameters().contains(each.getKey())) {
                problems.unknown("Invalid parameter \"" + each.getKey() + "\" of " + step.name(), each.getKey(),
                        step.parameters(), Ast.place(file, each.getValue()));
            }
        }
        boolean hasFirst = arguments.stream().anyMatch(each -> !(each instanceof MapExpression));
        for (String required : step.required()) {
            if (!named.containsKey(required) && !(hasFirst && required.equals(step.first()))) {
                problems.error("Missing required parameter: \"" + required + "\" of " + step.name(), Ast.place(file, call));
            }
        }
        checkBodyIsThere(step, call);
    }

    private void checkBodyIsThere(Catalog.Step step, MethodCallExpression call) {
        boolean canGoWithout = Set.of("stage", "lock", "ansiColor", "timestamps", "timeout", "retry", "catchError",
                "warnError", "withCredentials", "withEnv").contains(step.name());
        if (step.hasBody() && Ast.block(call) == null && !canGoWithout && Ast.arguments(call).size() < 2) {
            problems.error("Expected a block with the \"" + step.name() + "\" step", Ast.place(file, call));
        }
    }

    private static boolean isPlain(Expression each) {
        return !(each instanceof ConstantExpression constant) || constant.getValue() != null;
    }
}
