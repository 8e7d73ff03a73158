package dev.cictl.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.LinkedHashMap;
import org.codehaus.groovy.ast.ASTNode;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MapEntryExpression;
import org.codehaus.groovy.ast.expr.MapExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.TupleExpression;
import org.codehaus.groovy.ast.stmt.BlockStatement;
import org.codehaus.groovy.ast.stmt.EmptyStatement;
import org.codehaus.groovy.ast.stmt.ExpressionStatement;
import org.codehaus.groovy.ast.stmt.ReturnStatement;
import org.codehaus.groovy.ast.stmt.Statement;

/** Reads Groovy's syntax tree as it is before names are resolved. */
final class Ast {
    private Ast() {}

    static Problem.Place place(String file, ASTNode node) {
        return new Problem.Place(file, Math.max(1, node.getLineNumber()), Math.max(1, node.getColumnNumber()));
    }

    /** Returns the statements of BLOCK, without empty ones. */
    static List<Statement> statements(ClosureExpression block) {
        List<Statement> statements = new ArrayList<>();
        if (block.getCode() instanceof BlockStatement code) {
            for (Statement each : code.getStatements()) {
                if (!(each instanceof EmptyStatement)) {
                    statements.add(each);
                }
            }
        } else if (block.getCode() != null) {
            statements.add(block.getCode());
        }
        return statements;
    }

    /** Returns the expression that STATEMENT is, null if it is no expression. */
    static Expression expression(Statement statement) {
        if (statement instanceof ExpressionStatement expression) {
            return expression.getExpression();
        }
        return statement instanceof ReturnStatement returned ? returned.getExpression() : null;
    }

    /** Returns STATEMENT as a call of a bare name, null if it is none. */
    static MethodCallExpression bareCall(Statement statement) {
        return expression(statement) instanceof MethodCallExpression call && isBare(call) ? call : null;
    }

    /** Whether STATEMENT is what Groovy makes of two blocks on one line: `a { } b { }`. */
    static boolean isChain(Statement statement) {
        return expression(statement) instanceof MethodCallExpression call
                && call.getObjectExpression() instanceof MethodCallExpression first
                && block(first) != null
                && block(call) != null;
    }

    /** Returns what to do about STATEMENT, one of several KINDS, where it is such a chain; null where it is none. */
    static String chainHint(Statement statement, String kinds) {
        return isChain(statement) ? "begin each " + kinds + " on a line of its own" : null;
    }

    static boolean isBare(MethodCallExpression call) {
        return call.isImplicitThis() && call.getMethod() instanceof ConstantExpression;
    }

    static List<Expression> arguments(MethodCallExpression call) {
        return call.getArguments() instanceof TupleExpression tuple ? tuple.getExpressions() : List.of(call.getArguments());
    }

    /** Returns the closure that ends the arguments of CALL, null if there is none. */
    static ClosureExpression block(MethodCallExpression call) {
        List<Expression> arguments = arguments(call);
        boolean isThere = !arguments.isEmpty() && arguments.get(arguments.size() - 1) instanceof ClosureExpression;
        return isThere ? (ClosureExpression) arguments.get(arguments.size() - 1) : null;
    }

    /** Returns the arguments of CALL before its block. */
    static List<Expression> plainArguments(MethodCallExpression call) {
        List<Expression> arguments = arguments(call);
        return block(call) == null ? arguments : arguments.subList(0, arguments.size() - 1);
    }

    /** Returns the named ones of ARGUMENTS. */
    static Map<String, Expression> named(List<Expression> arguments) {
        Map<String, Expression> named = new LinkedHashMap<>();
        for (Expression each : arguments) {
            if (each instanceof MapExpression map) {
                for (MapEntryExpression entry : map.getMapEntryExpressions()) {
                    named.put(entry.getKeyExpression().getText(), entry.getValueExpression());
                }
            }
        }
        return named;
    }

    /** Returns the text that EXPRESSION always is, null if it is no literal. */
    static String literal(Expression expression) {
        return expression instanceof ConstantExpression constant && constant.getValue() instanceof String text ? text : null;
    }

    /** Returns the one argument of CALL, in FILE, which must be true or false; of another PROBLEMS are told. */
    static boolean flag(MethodCallExpression call, String file, Problems problems) {
        List<Expression> arguments = arguments(call);
        if (arguments.size() == 1
                && arguments.get(0) instanceof ConstantExpression constant && constant.getValue() instanceof Boolean flag) {
            return flag;
        }
        problems.error("Expected a boolean with " + call.getMethodAsString(), place(file, call));
        return false;
    }
}
