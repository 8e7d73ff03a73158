package dev.cictl.pipeline;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.stmt.Statement;

/** Reads `axes` and `excludes` of a matrix. */
final class MatrixParser {
    private static final Set<String> IN_AXES = Set.of("name", "values");

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
                axes.addAll(axes(inner, call, IN_AXES));
            } else if (inner != null && "excludes".equals(call.getMethodAsString())) {
                refuseEmpty(inner, "No excludes specified", call);
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
            List<Model.Axis> exclude = axes(Ast.block(call), call, Vocabulary.AXIS);
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

    private void refuseEmpty(ClosureExpression block, String message, MethodCallExpression at) {
        if (Ast.statements(block).isEmpty()) {
            problems.error(message, Ast.place(file, at));
        }
    }

    private List<Model.Axis> axes(ClosureExpression block, MethodCallExpression at, Set<String> known) {
        refuseEmpty(block, "No axes specified", at);
        List<Model.Axis> axes = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Statement statement : Ast.statements(block)) {
            MethodCallExpression call = Ast.bareCall(statement);
            if (call == null || !"axis".equals(call.getMethodAsString()) || Ast.block(call) == null) {
                String hint = Ast.chainHint(statement, "axis");
                problems.add(Problem.error("Expected an axis", Ast.place(file, statement), hint));
            } else {
                Model.Axis axis = axis(call, Ast.block(call), known);
                if (!axis.name().isEmpty() && !names.add(axis.name())) {
                    problems.error("Duplicate axis name: \"" + axis.name() + "\"", Ast.place(file, call));
                }
                axes.add(axis);
            }
        }
        return axes;
    }

    private Model.Axis axis(MethodCallExpression at, ClosureExpression block, Set<String> known) {
        Set<String> seen = new HashSet<>();
        String name = "";
        boolean isNegated = false;
        List<String> values = new ArrayList<>();
        for (Statement statement : Ast.statements(block)) {
            MethodCallExpression call = Ast.bareCall(statement);
            String key = call == null ? "" : call.getMethodAsString();
            if (!known.contains(key)) {
                problems.unknown("Undefined section \"" + key + "\" in axis", key, known, Ast.place(file, statement));
                continue;
            }
            if (!seen.add(key)) {
                problems.error("Multiple occurrences of the " + key + " section", Ast.place(file, statement));
            }
            List<String> texts = texts(call);
            if ("name".equals(key)) {
                name = texts.isEmpty() ? "" : texts.get(0);
            } else {
                isNegated = "notValues".equals(key);
                values.addAll(texts);
            }
        }
        if (seen.contains("values") && seen.contains("notValues")) {
            problems.error("Only one of \"values\" or \"notValues\" allowed in an axis", Ast.place(file, at));
        }
        if (!name.isEmpty() && !name.matches("[a-zA-Z_]\\w*")) {
            problems.error("\"" + name + "\" is not a valid identifier and cannot be used for an environment variable. Identifiers"
                    + " must start with a letter or underscore and can contain only letters, numbers or underscores.",
                    Ast.place(file, at));
        }
        values.stream().filter(each -> Collections.frequency(values, each) > 1).distinct().forEach(each ->
                problems.error("Duplicate axis value: \"" + each + "\"", Ast.place(file, at)));
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
