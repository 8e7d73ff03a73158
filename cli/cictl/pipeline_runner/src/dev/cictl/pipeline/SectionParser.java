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
        return new Model.Agent(name, workspace(type, name));
    }

    /** Checks what AGENT, of the type NAME, is given, and returns its workspace. */
    private int workspace(MethodCallExpression agent, String name) {
        ClosureExpression block = Ast.block(agent);
        Set<String> known = Vocabulary.AGENT_PARAMETERS.get(name);
        String required = Vocabulary.AGENT_REQUIRES.get(name);
        int workspace = -1;
        boolean isComplete = required == null || block == null && !Ast.arguments(agent).isEmpty();
        for (Statement each : block == null ? List.<Statement>of() : Ast.statements(block)) {
            MethodCallExpression call = Ast.bareCall(each);
            String key = call == null ? DeclarativeParser.text(each) : call.getMethodAsString();
            isComplete |= key.equals(required);
            if (known != null && !known.contains(key)) {
                problems.unknown("Invalid config option \"" + key + "\" for agent type \"" + name + "\"", key, known, place(each));
            } else if (known != null && (call == null || Ast.arguments(call).isEmpty())) {
                problems.error("No argument for agent key \"" + key + "\"", place(each));
            } else if (call != null && "customWorkspace".equals(key)) {
                workspace = leaves.value(Ast.arguments(call).get(0));
            }
        }
        if (!isComplete) {
            problems.error("Missing required parameter for agent type \"" + name + "\": " + required, place(agent));
        }
        return workspace;
    }

    int steps(ClosureExpression block, ASTNode at, String where) {
        if (Ast.statements(block).isEmpty()) {
            problems.error("No steps specified for " + where, place(at));
        }
        stepsCheck.check(block);
        return leaves.body(block);
    }

    void post(ClosureExpression block, Model.Block target) {
        for (Statement statement : Ast.statements(block)) {
            MethodCallExpression call = Ast.bareCall(statement);
            String name = call == null ? DeclarativeParser.text(statement) : call.getMethodAsString();
            if (Ast.isChain(statement)) {
                String hint = Ast.chainHint(statement, "condition");
                problems.add(Problem.error("Not a valid condition of post", place(statement), hint));
            } else if (Vocabulary.POST.contains(name) && (call == null || Ast.block(call) == null)) {
                problems.error("Expected a block for " + name, place(statement));
            } else if (call == null || !Vocabulary.POST.contains(name)) {
                problems.unknown("Invalid condition \"" + name + "\" in post", name, Vocabulary.POST, place(statement));
            } else if (target.post.containsKey(name)) {
                problems.error("Duplicate build condition name: \"" + name + "\"", place(call));
            } else {
                target.post.put(name, steps(Ast.block(call), call, name));
            }
        }
    }

    void environment(ClosureExpression block, Model.Block target) {
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
    }

    private Model.EnvEntry entry(String name, Expression value) {
        boolean isCall = value instanceof MethodCallExpression;
        if (!isCall && !isText(value)) {
            problems.error("Environment variable values must either be single quoted, double quoted, or function calls.",
                    place(value));
        }
        if (isCall && "credentials".equals(((MethodCallExpression) value).getMethodAsString())) {
            List<Expression> ids = Ast.arguments((MethodCallExpression) value);
            if (ids.size() != 1) {
                problems.error("Expected the id of one credential with credentials", place(value));
                return new Model.EnvEntry(name, false, leaves.value(value), Set.of());
            }
            Expression id = ids.get(0);
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
            refuseBlock(call, "Options");
            stepsCheck.checkSetting(call);
            target.options.add(new Model.Call(name, leaves.arguments(Ast.plainArguments(call)), place(call)));
        }
    }

    /** Reads the definitions in BLOCK, and adds their literal names to NAMES. */
    List<Model.Call> parameters(ClosureExpression block, Map<String, List<String>> names) {
        List<Model.Call> parameters = new ArrayList<>();
        for (MethodCallExpression call : settings(block, Vocabulary.PARAMETERS, "Invalid parameter type \"%s\"")) {
            refuseBlock(call, "Build parameters");
            stepsCheck.checkSetting(call);
            Map<String, Expression> named = Ast.named(Ast.plainArguments(call));
            if (!named.containsKey("name") && Ast.plainArguments(call).size() == (named.isEmpty() ? 0 : 1)) {
                problems.error("Missing required parameter: \"name\" of " + call.getMethodAsString(), place(call));
            }
            String name = Ast.literal(named.get("name"));
            List<String> choices = "choice".equals(call.getMethodAsString()) ? ValueCheck.texts(named.get("choices")) : null;
            if (name != null) {
                names.put(name, choices == null ? List.of() : choices);
            }
            parameters.add(new Model.Call(call.getMethodAsString(), leaves.arguments(Ast.plainArguments(call)), place(call)));
        }
        return parameters;
    }

    Model.When when(ClosureExpression block) {
        return conditions.when(block);
    }

    Model.Input input(ClosureExpression block, ASTNode at) {
        List<Model.Call> parameters = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        org.codehaus.groovy.ast.expr.MapExpression fields = new org.codehaus.groovy.ast.expr.MapExpression();
        for (MethodCallExpression call : settings(block, Vocabulary.INPUT, "Not a valid field for input: \"%s\"")) {
            String name = call.getMethodAsString();
            if (!seen.add(name)) {
                problems.error("Multiple occurrences of the " + name + " section", place(call));
            }
            if ("parameters".equals(name) && Ast.block(call) != null) {
                parameters.addAll(parameters(Ast.block(call), new HashMap<>()));
            } else if (Ast.arguments(call).size() == 1) {
                fields.addMapEntryExpression(new ConstantExpression(name), Ast.arguments(call).get(0));
            } else {
                String count = Ast.arguments(call).isEmpty() ? "No argument" : "Too many arguments";
                problems.error(count + " for field \"" + name + "\"", place(call));
            }
        }
        if (!seen.contains("message")) {
            problems.error("No message specified for input", place(at));
        }
        problems.note("input is answered by --approve, --reject or on the terminal; submitters are not checked", place(at));
        return new Model.Input(leaves.value(fields), parameters);
    }

    void triggers(ClosureExpression block) {
        Set<String> names = new HashSet<>();
        for (MethodCallExpression call : settings(block, Vocabulary.TRIGGERS, "Invalid trigger type \"%s\"")) {
            if (!names.add(call.getMethodAsString())) {
                problems.error("Duplicate trigger name: \"" + call.getMethodAsString() + "\"", place(call));
            }
            refuseBlock(call, "Triggers");
            stepsCheck.checkSetting(call);
            problems.note("trigger " + call.getMethodAsString() + " starts nothing here", place(call));
        }
    }

    void tools(ClosureExpression block, ASTNode at) {
        problems.note("tools are not installed: what is on PATH is used", place(at));
        for (Statement statement : Ast.statements(block)) {
            MethodCallExpression call = Ast.bareCall(statement);
            String name = call == null ? null : call.getMethodAsString();
            if (call == null) {
                problems.error("Expected to find 'someTool \"someVersion\"'", place(statement));
            } else if (!Vocabulary.TOOLS.contains(name) && Spelling.nearest(name, Vocabulary.TOOLS) != null) {
                // Plugins add types of their own, which may be called anything but nearly the same.
                problems.unknown("Invalid tool type \"" + name + "\"", name, Vocabulary.TOOLS, place(call));
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

    private void refuseBlock(MethodCallExpression call, String kind) {
        if (Ast.block(call) != null) {
            problems.error(kind + " definitions cannot have blocks", place(call));
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
