package dev.cictl.pipeline;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.codehaus.groovy.ast.AnnotatedNode;
import org.codehaus.groovy.ast.AnnotationNode;
import org.codehaus.groovy.ast.ClassCodeVisitorSupport;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.Parameter;
import org.codehaus.groovy.ast.expr.BinaryExpression;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.DeclarationExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.ListExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.TupleExpression;
import org.codehaus.groovy.ast.expr.VariableExpression;
import org.codehaus.groovy.ast.stmt.CatchStatement;
import org.codehaus.groovy.ast.stmt.ForStatement;
import org.codehaus.groovy.control.SourceUnit;

/** Finds calls of steps that nobody knows, in one script. */
final class SourceCheck extends ClassCodeVisitorSupport {
    // What every script has from Groovy itself.
    private static final Set<String> OF_GROOVY = Set.of("println", "print", "printf", "sprintf", "evaluate", "with", "use",
            "getClass", "hashCode", "toString", "equals", "invokeMethod", "getProperty", "setProperty", "getBinding",
            "setBinding", "getMetaClass", "call", "run", "find", "findAll", "each", "eachWithIndex", "any", "every",
            "collect", "inspect", "dump", "is", "identity", "iterator", "metaClass", "runScript", "super", "this", Steps.PIPELINE);

    private final SourceUnit unit;
    private final String file;
    private final Problems problems;
    private final StepsCheck arguments;
    private final ValueCheck values;
    private final Set<String> names = new HashSet<>(OF_GROOVY);
    private final List<MethodCallExpression> calls = new ArrayList<>();
    private final Set<String> mentioned = new TreeSet<>();
    private Map<String, String> declaredOptions;
    private int foreignClosures;

    SourceCheck(SourceUnit unit, String file, Problems problems) {
        this.unit = unit;
        this.file = file;
        this.problems = problems;
        this.arguments = new StepsCheck(file, problems);
        this.values = new ValueCheck(file, problems);
    }

    /** Reads SCRIPT; afterwards {@link #check} knows the library's names. */
    void read(ClassNode script) {
        script.getMethods().forEach(each -> names.add(each.getName()));
        script.getFields().forEach(each -> names.add(each.getName()));
        unit.getAST().getStaticImports().keySet().forEach(names::add);
        visitClass(script);
        unit.getAST().getImports().forEach(this::visitAnnotations);
        unit.getAST().getStarImports().forEach(this::visitAnnotations);
    }

    @Override
    public void visitAnnotations(AnnotatedNode node) {
        for (AnnotationNode each : node.getAnnotations()) {
            if (Loader.MAIN.equals(unit.getName()) && "Library".equals(each.getClassNode().getNameWithoutPackage())) {
                Expression value = each.getMember("value");
                List<Expression> all = value instanceof ListExpression list ? list.getExpressions() : List.of(value);
                all.forEach(name -> problems.library(name.getText().replaceAll("@.*", ""), Ast.place(file, name)));
            }
        }
        super.visitAnnotations(node);
    }

    /** Returns the names that may be those of a library's variables. */
    Set<String> mentioned() {
        return mentioned;
    }

    /** Returns the options that this, a step of a library, declares; null where it declares none. */
    Map<String, String> declaredOptions() {
        return declaredOptions;
    }

    /** Says what is wrong with the steps that are called, the library's among them. */
    void check(Loader loader) {
        Set<String> globals = loader.globals();
        boolean hasStarImport = !unit.getAST().getStaticStarImports().isEmpty();
        for (MethodCallExpression call : calls) {
            String name = call.getMethodAsString();
            Catalog.Step step = Catalog.find(name);
            if (names.contains(name)) {
                continue;
            }
            if (globals.contains(name)) {
                loader.checkOptions(name, call, file);
            } else if (step != null) {
                known(step, call);
            } else if (!hasStarImport && !isClass(name)) {
                Set<String> all = new TreeSet<>(Catalog.names());
                all.addAll(globals);
                names.stream().filter(each -> !OF_GROOVY.contains(each)).forEach(all::add);
                problems.unknown("No such DSL method '" + name + "' found among steps", name, all, Ast.place(file, call));
            }
        }
    }

    private void known(Catalog.Step step, MethodCallExpression call) {
        arguments.checkArguments(call);
        Expression id = Ast.named(Ast.arguments(call)).get("credentialsId");
        if (step.kind() == Catalog.Kind.VALUE && id != null && Ast.literal(id) != null) {
            problems.credential(Ast.literal(id), Ast.place(file, id));
        }
        String note = switch (step.kind()) {
            case LEFT_OUT -> step.name() + " is left out: it needs a Jenkins";
            case IMPOSSIBLE -> step.name() + " cannot be run here: a build that reaches it fails";
            default -> switch (step.name()) {
                case "input" -> "input is answered by --approve, --reject or on the terminal; submitters are not checked";
                case "tool" -> "tool installs nothing: what is on PATH is used";
                default -> null;
            };
        };
        if (note != null) {
            problems.note(note, Ast.place(file, call));
        }
    }

    private static boolean isClass(String name) {
        return Character.isUpperCase(name.charAt(0));
    }

    @Override
    public void visitMethodCallExpression(MethodCallExpression call) {
        boolean isOfSteps = !call.isImplicitThis()
                && call.getObjectExpression() instanceof VariableExpression receiver
                && "steps".equals(receiver.getName());
        if ((Ast.isBare(call) || isOfSteps) && call.getMethodAsString() != null && foreignClosures == 0) {
            calls.add(call);
            mentioned.add(call.getMethodAsString());
        }
        Map<String, String> declared = OptionsCheck.declared(call);
        declaredOptions = declared == null ? declaredOptions : declared;
        boolean isForeign = !call.isImplicitThis() && mayDelegate(call.getMethodAsString());
        foreignClosures += isForeign ? 1 : 0;
        super.visitMethodCallExpression(call);
        foreignClosures -= isForeign ? 1 : 0;
    }

    /** Whether closures given to METHOD of some object may call that object's methods by bare names. */
    private static boolean mayDelegate(String method) {
        return method == null || Set.of("with", "tap", "rehydrate").contains(method);
    }

    @Override
    public void visitVariableExpression(VariableExpression expression) {
        mentioned.add(expression.getName());
    }

    @Override
    public void visitDeclarationExpression(DeclarationExpression expression) {
        declare(expression.getLeftExpression());
        super.visitDeclarationExpression(expression);
    }

    @Override
    public void visitBinaryExpression(BinaryExpression expression) {
        if ("=".equals(expression.getOperation().getText())) {
            declare(expression.getLeftExpression());
            checkResult(expression);
        }
        super.visitBinaryExpression(expression);
    }

    private void checkResult(BinaryExpression assignment) {
        String result = Ast.literal(assignment.getRightExpression());
        if (result != null && "currentBuild.result".equals(assignment.getLeftExpression().getText())) {
            values.checkResult("currentBuild.result", result, assignment.getRightExpression());
        }
    }

    private void declare(Expression left) {
        if (left instanceof VariableExpression variable) {
            names.add(variable.getName());
        } else if (left instanceof TupleExpression several) {
            several.getExpressions().forEach(this::declare);
        }
    }

    @Override
    public void visitClosureExpression(ClosureExpression closure) {
        declare(closure.getParameters());
        super.visitClosureExpression(closure);
    }

    @Override
    protected void visitConstructorOrMethod(org.codehaus.groovy.ast.MethodNode method, boolean isConstructor) {
        // What Groovy adds by itself stands in no line.
        if (method.getLineNumber() > 0) {
            declare(method.getParameters());
        }
        super.visitConstructorOrMethod(method, isConstructor);
    }

    private void declare(Parameter[] parameters) {
        if (parameters != null) {
            for (Parameter each : parameters) {
                names.add(each.getName());
            }
        }
    }

    @Override
    public void visitForLoop(ForStatement loop) {
        names.add(loop.getVariable().getName());
        super.visitForLoop(loop);
    }

    @Override
    public void visitCatchStatement(CatchStatement statement) {
        names.add(statement.getVariable().getName());
        super.visitCatchStatement(statement);
    }

    @Override
    protected SourceUnit getSourceUnit() {
        return unit;
    }
}
