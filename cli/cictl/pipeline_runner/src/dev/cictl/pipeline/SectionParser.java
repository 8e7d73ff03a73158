package dev.cictl.pipeline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.codehaus.groovy.ast.ASTNode;
import org.codehaus.groovy.ast.CodeVisitorSupport;
import org.codehaus.groovy.ast.expr.BinaryExpression;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.GStringExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.PropertyExpression;
import org.codehaus.groovy.ast.expr.VariableExpression;
import org.codehaus.groovy.ast.stmt.Statement;

/** Reads the sections that hold no stages. */
final class SectionParser {
    private static final String LOCAL = " is not used: the run is on this machine";

    private final String file;
    private final Problems problems;
    private final Leaves leaves;
    private final StepsCheck stepsCheck;
    private final ConditionParser conditions;

    SectionParser(String file, Problems problems, Leaves leaves) {
        this.file = file;
        this.problems = problems;
        this.leaves = leaves;
        this.stepsCheck = new StepsCheck(file, problems);
        this.conditions = new ConditionParser(file, problems, leaves);
    }

    Model.Agent agent(MethodCallExpression call) {
        ClosureExpression block = Ast.block(call);
        List<Expression> arguments = Ast.arguments(call);
        if (block == null) {
            String name = arguments.size() == 1 ? arguments.get(0).getText() : "";
            if (!"any".equals(name) && !"none".equals(name)) {
                problems.error("Only \"agent none\", \"agent any\" or \"agent {...}\" are allowed.", place(call));
            }
            return new Model.Agent(name, -1);
        }
        List<MethodCallExpression> types = settings(block, Vocabulary.AGENTS, "Invalid agent type \"%s\" specified");
        if (types.size() != 1) {
            problems.error(types.isEmpty() ? "No agent type specified" : "Only one agent type is allowed per agent section",
                    place(call));
            return new Model.Agent("any", -1);
        }
        MethodCallExpression type = types.get(0);
        String name = type.getMethodAsString();
        if (!Set.of("any", "none").contains(name)) {
            problems.note("agent " + name + LOCAL, place(type));
        }
        return new Model.Agent(name, workspace(type));
    }

    private int workspace(MethodCallExpression type) {
        ClosureExpression block = Ast.block(type);
        if (block == null) {
            return -1;
        }
        for (Statement each : Ast.statements(block)) {
            MethodCallExpression call = Ast.bareCall(each);
            if (call != null && "customWorkspace".equals(call.getMethodAsString())) {
                return leaves.value(Ast.arguments(call).get(0));
            }
        }
        return -1;
    }

    int steps(ClosureExpression block, ASTNode at, String where) {
        if (Ast.statements(block).isEmpty()) {
            problems.error("No steps specified for " + where, place(at));
        }
        stepsCheck.check(block);
        return leaves.body(block);
    }

    void post(ClosureExpression block, Model.Block target, ASTNode at) {
        for (Statement statement : Ast.statements(block)) {
            MethodCallExpression call = Ast.bareCall(statement);
            String name = call == null ? DeclarativeParser.text(statement) : call.getMethodAsString();
            if (Ast.isChain(statement)) {
                String hint = Ast.chainHint(statement, "condition");
                problems.add(Problem.error("Not a valid condition of post", place(statement), hint));
            } else if (call == null || Ast.block(call) == null || !Vocabulary.POST.contains(name)) {
                problems.unknown("Invalid condition \"" + name + "\" in post", name, Vocabulary.POST, place(statement));
            } else if (target.post.containsKey(name)) {
                problems.error("Duplicate build condition name: \"" + name + "\"", place(call));
            } else {
                target.post.put(name, steps(Ast.block(call), call, name));
            }
        }
        if (Ast.statements(block).isEmpty()) {
            problems.error("post can not be empty", place(at));
        }
    }

    void environment(ClosureExpression block, Model.Block target, ASTNode at) {
        Set<String> names = new HashSet<>();
        for (Statement statement : Ast.statements(block)) {
            if (Ast.expression(statement) instanceof BinaryExpression pair
                    && "=".equals(pair.getOperation().getText())
                    && pair.getLeftExpression() instanceof VariableExpression variable) {
                if (!names.add(variable.getName())) {
                    problems.error("Duplicate environment variable name: \"" + variable.getName() + "\"", place(statement));
                }
                target.environment.add(entry(variable.getName(), pair.getRightExpression()));
            } else {
                problems.error("\"" + DeclarativeParser.text(statement) + "\" is not a valid environment expression. "
                        + "Use \"key = value\" pairs with valid Java/shell keys.", place(statement));
            }
        }
        if (Ast.statements(block).isEmpty()) {
            problems.error("No variables specified for environment", place(at));
        }
    }

    private Model.EnvEntry entry(String name, Expression value) {
        boolean isCall = value instanceof MethodCallExpression;
        if (!isCall && !isText(value)) {
            problems.error("Environment variable values must either be single quoted, double quoted, or function calls.",
                    place(value));
        }
        if (isCall && "credentials".equals(((MethodCallExpression) value).getMethodAsString())) {
            Expression id = Ast.arguments((MethodCallExpression) value).get(0);
            if (Ast.literal(id) != null) {
                problems.credential(Ast.literal(id), place(value));
            }
            return new Model.EnvEntry(name, true, leaves.value(id), Set.of());
        }
        return new Model.EnvEntry(name, false, leaves.value(value), names(value));
    }

    private static boolean isText(Expression value) {
        if (value instanceof BinaryExpression sum && "+".equals(sum.getOperation().getText())) {
            return isTerm(sum.getLeftExpression()) && isTerm(sum.getRightExpression());
        }
        return Ast.literal(value) != null || value instanceof GStringExpression;
    }

    private static boolean isTerm(Expression value) {
        return isText(value) || value instanceof MethodCallExpression || value instanceof PropertyExpression
                || value instanceof VariableExpression;
    }

    /** Returns the variables that VALUE may read. */
    private static Set<String> names(Expression value) {
        Set<String> names = new LinkedHashSet<>();
        value.visit(new CodeVisitorSupport() {
            @Override
            public void visitVariableExpression(VariableExpression expression) {
                names.add(expression.getName());
            }

            @Override
            public void visitPropertyExpression(PropertyExpression expression) {
                names.add(String.valueOf(expression.getPropertyAsString()));
                super.visitPropertyExpression(expression);
            }
        });
        return names;
    }

    void options(ClosureExpression block, Model.Block target, Set<String> known) {
        for (MethodCallExpression call : settings(block, known, "Invalid option type \"%s\"")) {
            String name = call.getMethodAsString();
            if (target.hasOption(name)) {
                problems.error("Duplicate option name: \"" + name + "\"", place(call));
            }
            stepsCheck.checkArguments(call);
            target.options.add(new Model.Call(name, leaves.arguments(Ast.plainArguments(call)), place(call)));
        }
    }

    /** Reads the definitions in BLOCK, and adds their literal names to NAMES. */
    List<Model.Call> parameters(ClosureExpression block, Map<String, List<String>> names) {
        List<Model.Call> parameters = new ArrayList<>();
        for (MethodCallExpression call : settings(block, Vocabulary.PARAMETERS, "Invalid parameter type \"%s\"")) {
            stepsCheck.checkArguments(call);
            Map<String, Expression> named = Ast.named(Ast.plainArguments(call));
            String name = Ast.literal(named.get("name"));
            List<String> choices = "choice".equals(call.getMethodAsString()) ? ValueCheck.texts(named.get("choices")) : null;
            if (name != null) {
                names.put(name, choices == null ? List.of() : choices);
            }
            parameters.add(new Model.Call(call.getMethodAsString(), leaves.arguments(Ast.plainArguments(call)), place(call)));
        }
        return parameters;
    }

    Model.When when(ClosureExpression block, ASTNode at) {
        return conditions.when(block, at);
    }

    Model.Input input(ClosureExpression block, ASTNode at) {
        List<Model.Call> parameters = new ArrayList<>();
        boolean hasMessage = false;
        org.codehaus.groovy.ast.expr.MapExpression fields = new org.codehaus.groovy.ast.expr.MapExpression();
        for (MethodCallExpression call : settings(block, Vocabulary.INPUT, "Not a valid field for input: \"%s\"")) {
            String name = call.getMethodAsString();
            hasMessage |= "message".equals(name);
            if ("parameters".equals(name) && Ast.block(call) != null) {
                parameters.addAll(parameters(Ast.block(call), new HashMap<>()));
            } else if (Ast.arguments(call).size() == 1) {
                fields.addMapEntryExpression(new ConstantExpression(name), Ast.arguments(call).get(0));
            } else {
                problems.error("No argument for field \"" + name + "\"", place(call));
            }
        }
        if (!hasMessage) {
            problems.error("No message specified for input", place(at));
        }
        problems.note("input is answered by --approve, --reject or on the terminal; submitters are not checked", place(at));
        return new Model.Input(leaves.value(fields), parameters);
    }

    void triggers(ClosureExpression block) {
        for (MethodCallExpression call : settings(block, Vocabulary.TRIGGERS, "Invalid trigger type \"%s\"")) {
            stepsCheck.checkArguments(call);
            problems.note("trigger " + call.getMethodAsString() + " starts nothing here", place(call));
        }
    }

    void tools(ClosureExpression block, ASTNode at) {
        problems.note("tools are not installed: what is on PATH is used", place(at));
        for (Statement statement : Ast.statements(block)) {
            if (Ast.bareCall(statement) == null) {
                problems.error("Expected to find 'someTool \"someVersion\"'", place(statement));
            }
        }
    }

    void libraries(ClosureExpression block) {
        for (MethodCallExpression call : settings(block, new TreeSet<>(Set.of("lib")), "Expected a \"lib(...)\" but got %s")) {
            String name = Ast.arguments(call).size() == 1 ? Ast.literal(Ast.arguments(call).get(0)) : null;
            if (name != null) {
                problems.library(name.replaceAll("@.*", ""), place(call));
            }
        }
    }

    /** Returns the calls that BLOCK consists of, all of them KNOWN; MESSAGE says what is wrong with another. */
    private List<MethodCallExpression> settings(ClosureExpression block, Set<String> known, String message) {
        List<MethodCallExpression> calls = new ArrayList<>();
        for (Statement statement : Ast.statements(block)) {
            MethodCallExpression call = Ast.bareCall(statement);
            String name = call == null ? DeclarativeParser.text(statement) : call.getMethodAsString();
            if (call != null && known.contains(name)) {
                calls.add(call);
            } else if (call == null && known.contains(name)) {
                problems.error(name + " needs arguments; write " + name + "()", place(statement));
            } else {
                problems.unknown(String.format(message, name), name, known, place(statement));
            }
        }
        return calls;
    }

    private Problem.Place place(ASTNode node) {
        return Ast.place(file, node);
    }
}
