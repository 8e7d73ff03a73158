package dev.cictl.pipeline;

import java.util.ArrayList;
import java.util.List;
import org.codehaus.groovy.ast.Parameter;
import org.codehaus.groovy.ast.VariableScope;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.ListExpression;
import org.codehaus.groovy.ast.expr.MapExpression;
import org.codehaus.groovy.ast.expr.NamedArgumentListExpression;
import org.codehaus.groovy.ast.stmt.BlockStatement;
import org.codehaus.groovy.ast.stmt.ExpressionStatement;
import org.codehaus.groovy.ast.stmt.Statement;

/** The closures of one pipeline: what stays code when its structure becomes a {@link Model}. */
final class Leaves {
    private final List<Expression> closures = new ArrayList<>();

    /** Keeps BODY as it is, and returns its index. */
    int body(ClosureExpression body) {
        closures.add(body);
        return closures.size() - 1;
    }

    /** Keeps a closure that returns VALUE. */
    int value(Expression value) {
        Statement statement = new ExpressionStatement(value);
        statement.setSourcePosition(value);
        BlockStatement code = new BlockStatement(new ArrayList<>(List.of(statement)), new VariableScope());
        ClosureExpression closure = new ClosureExpression(Parameter.EMPTY_ARRAY, code);
        closure.setVariableScope(new VariableScope());
        closure.setSourcePosition(value);
        return body(closure);
    }

    /** Keeps a closure that returns the list of ARGUMENTS, named ones as a map. */
    int arguments(List<Expression> arguments) {
        ListExpression list = new ListExpression();
        for (Expression each : arguments) {
            boolean isNamed = each instanceof NamedArgumentListExpression;
            list.addExpression(isNamed ? new MapExpression(((MapExpression) each).getMapEntryExpressions()) : each);
        }
        if (!arguments.isEmpty()) {
            list.setSourcePosition(arguments.get(0));
        }
        return value(list);
    }

    ListExpression list() {
        return new ListExpression(closures);
    }
}
