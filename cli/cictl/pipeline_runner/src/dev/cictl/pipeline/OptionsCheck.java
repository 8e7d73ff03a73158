package dev.cictl.pipeline;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.codehaus.groovy.ast.ASTNode;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.ListExpression;
import org.codehaus.groovy.ast.expr.MapEntryExpression;
import org.codehaus.groovy.ast.expr.MapExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.runtime.InvokerHelper;

/** Checks calls of the library's steps, as far as their arguments are literals, by the library's own class for that. */
final class OptionsCheck {
    private static final String CHECKER = "dev.cictl.Options";
    /** What is known only when it runs. */
    private static final Object UNKNOWN = new Object();

    private final String file;
    private final Problems problems;
    private final Class<?> checker;

    private OptionsCheck(String file, Problems problems, Class<?> checker) {
        this.file = file;
        this.problems = problems;
        this.checker = checker;
    }

    /** Checks CALL of STEP in FILE against what STEP declares; LIBRARY may have no class that could. */
    static void check(String step, Map<String, String> declared, MethodCallExpression call, String file, Problems problems,
            ClassLoader library) {
        try {
            new OptionsCheck(file, problems, library.loadClass(CHECKER)).check(step, declared, call);
        } catch (ClassNotFoundException none) {
            // a library that checks its options in a way of its own
        }
    }

    /** Returns the options that CALL declares, as `cictl.options([service: 'required name'], args)` does; null if it is another. */
    static Map<String, String> declared(MethodCallExpression call) {
        List<Expression> arguments = Ast.arguments(call);
        if (!"options".equals(call.getMethodAsString()) || arguments.size() != 2
                || !(literal(arguments.get(0)) instanceof Map<?, ?> map)) {
            return null;
        }
        Map<String, String> declared = new LinkedHashMap<>();
        map.forEach((name, declaration) -> declared.put(name.toString(), String.valueOf(declaration)));
        return declared;
    }

    /** Asks for each option by itself, so that each problem is told, at its own place. */
    private void check(String step, Map<String, String> declared, MethodCallExpression call) {
        Map<String, Object> given = new LinkedHashMap<>();
        Map<String, ASTNode> places = new HashMap<>();
        for (Expression each : Ast.plainArguments(call)) {
            if (!(each instanceof MapExpression map) || !read(map, given, places)) {
                return;
            }
        }
        boolean areKnown = declared.keySet().containsAll(given.keySet());
        given.forEach((name, value) -> {
            boolean isDeclared = declared.containsKey(name);
            if (value != UNKNOWN || !isDeclared) {
                Map<String, String> those = isDeclared ? Map.of(name, declared.get(name)) : declared;
                tell(step, those, Collections.singletonMap(name, value), places.get(name));
            }
        });
        declared.forEach((name, declaration) -> {
            if (areKnown && !given.containsKey(name)) {
                tell(step, Map.of(name, declaration), Map.of(), call);
            }
        });
    }

    /** Reads what MAP holds into GIVEN and PLACES; returns whether all of its names are literals. */
    private static boolean read(MapExpression map, Map<String, Object> given, Map<String, ASTNode> places) {
        for (MapEntryExpression each : map.getMapEntryExpressions()) {
            String name = Ast.literal(each.getKeyExpression());
            if (name == null) {
                return false;
            }
            given.put(name, literal(each.getValueExpression()));
            places.put(name, each.getValueExpression());
        }
        return true;
    }

    private void tell(String step, Map<String, String> declared, Map<String, Object> given, ASTNode at) {
        Object checked = InvokerHelper.invokeStaticMethod(checker, "check", new Object[] {declared, given});
        Object problem = InvokerHelper.getProperty(checked, "problem");
        if (problem != null) {
            problems.error(step + ": " + problem, Ast.place(file, at));
        }
    }

    /** Returns the value that EXPRESSION always has, {@link #UNKNOWN} if it is no literal. */
    private static Object literal(Expression expression) {
        if (expression instanceof ConstantExpression constant) {
            return constant.getValue();
        }
        if (expression instanceof ListExpression list) {
            List<Object> values = new ArrayList<>(list.getExpressions().stream().map(OptionsCheck::literal).toList());
            return values.contains(UNKNOWN) ? UNKNOWN : values;
        }
        Map<String, Object> values = new LinkedHashMap<>();
        boolean isLiteral = expression instanceof MapExpression map && read(map, values, new HashMap<>());
        return isLiteral && !values.containsValue(UNKNOWN) ? values : UNKNOWN;
    }
}
