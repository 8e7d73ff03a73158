package dev.cictl.pipeline;

import java.util.ArrayList;
import java.util.List;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.stmt.Statement;

/** Reads `axes` and `excludes` of a matrix. */
final class MatrixParser {
    private final String file;
    private final Problems problems;

    MatrixParser(String file, Problems problems) {
        this.file = file;
        this.problems = problems;
    }

    Model.Matrix matrix(ClosureExpression block) {
        List<Model.Axis> axes = new ArrayList<>();
        List<List<Model.Axis>> excludes = new ArrayList<>();
        for (Statement statement : Ast.statements(block)) {
            MethodCallExpression call = Ast.bareCall(statement);
            ClosureExpression inner = call == null ? null : Ast.block(call);
            if (inner != null && "axes".equals(call.getMethodAsString())) {
                axes.addAll(axes(inner));
            } else if (inner != null && "excludes".equals(call.getMethodAsString())) {
                excludes.addAll(excludes(inner, axes));
            }
        }
        return new Model.Matrix(axes, excludes);
    }

    private List<List<Model.Axis>> excludes(ClosureExpression block, List<Model.Axis> axes) {
        List<List<Model.Axis>> excludes = new ArrayList<>();
        for (Statement statement : Ast.statements(block)) {
            MethodCallExpression call = Ast.bareCall(statement);
            if (call == null || !"exclude".equals(call.getMethodAsString()) || Ast.block(call) == null) {
                problems.error("Expected an exclude", Ast.place(file, statement));
                continue;
            }
            List<Model.Axis> exclude = axes(Ast.block(call));
            List<String> known = axes.stream().map(Model.Axis::name).toList();
            for (Model.Axis axis : exclude) {
                if (!known.isEmpty() && !known.contains(axis.name())) {
                    problems.unknown("Matrix has no axis \"" + axis.name() + "\" to exclude", axis.name(), known,
                            Ast.place(file, call));
                }
            }
            excludes.add(exclude);
        }
        return excludes;
    }

    private List<Model.Axis> axes(ClosureExpression block) {
        List<Model.Axis> axes = new ArrayList<>();
        for (Statement statement : Ast.statements(block)) {
            MethodCallExpression call = Ast.bareCall(statement);
            if (call == null || !"axis".equals(call.getMethodAsString()) || Ast.block(call) == null) {
                String hint = Ast.chainHint(statement, "axis");
                problems.add(Problem.error("Expected an axis", Ast.place(file, statement), hint));
            } else {
                axes.add(axis(call, Ast.block(call)));
            }
        }
        return axes;
    }

    private Model.Axis axis(MethodCallExpression at, ClosureExpression block) {
        String name = "";
        boolean isNegated = false;
        List<String> values = new ArrayList<>();
        for (Statement statement : Ast.statements(block)) {
            MethodCallExpression call = Ast.bareCall(statement);
            String key = call == null ? "" : call.getMethodAsString();
            if (!Vocabulary.AXIS.contains(key)) {
                problems.unknown("Undefined section \"" + key + "\" in axis", key, Vocabulary.AXIS,
                        Ast.place(file, statement));
                continue;
            }
            List<String> texts = texts(call);
            if ("name".equals(key)) {
                name = texts.isEmpty() ? "" : texts.get(0);
            } else {
                isNegated = "notValues".equals(key);
                values.addAll(texts);
            }
        }
        if (name.isEmpty() || values.isEmpty()) {
            problems.error("An axis needs a name and values", Ast.place(file, at));
        }
        return new Model.Axis(name, values, isNegated);
    }

    private List<String> texts(MethodCallExpression call) {
        List<String> texts = new ArrayList<>();
        for (Expression each : Ast.arguments(call)) {
            if (Ast.literal(each) == null) {
                problems.error("Expected string literal", Ast.place(file, each));
            } else {
                texts.add(Ast.literal(each));
            }
        }
        return texts;
    }
}
