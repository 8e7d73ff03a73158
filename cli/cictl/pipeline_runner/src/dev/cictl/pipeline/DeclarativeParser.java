package dev.cictl.pipeline;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.codehaus.groovy.ast.ASTNode;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.Expression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.ast.expr.VariableExpression;
import org.codehaus.groovy.ast.stmt.Statement;

/** Turns the block of `pipeline` into a {@link Model}, and says where it is wrong, in Jenkins' words where it has some. */
final class DeclarativeParser {
    private final String file;
    private final Problems problems;
    private final Leaves leaves = new Leaves();
    private int branchingDepth;
    private final SectionParser sections;

    DeclarativeParser(String file, Problems problems) {
        this.file = file;
        this.problems = problems;
        this.sections = new SectionParser(file, problems, leaves);
    }

    Leaves leaves() {
        return leaves;
    }

    Model.Block pipeline(MethodCallExpression call, ClosureExpression block) {
        Model.Block pipeline = new Model.Block("pipeline", place(call));
        Set<String> seen = sections(block, pipeline, Vocabulary.PIPELINE, "pipeline");
        require(seen, "stages", call);
        require(seen, "agent", call);
        return pipeline;
    }

    private void require(Set<String> seen, String section, ASTNode at) {
        if (!seen.contains(section)) {
            problems.error("Missing required section \"" + section + "\"", place(at));
        }
    }

    /** Reads each section of BLOCK into TARGET, and returns which there were. */
    private Set<String> sections(ClosureExpression block, Model.Block target, Set<String> known, String where) {
        Set<String> seen = new HashSet<>();
        for (Statement statement : Ast.statements(block)) {
            MethodCallExpression call = Ast.bareCall(statement);
            if (call == null) {
                String hint = Ast.chainHint(statement, "section");
                problems.add(Problem.error("Not a valid section definition: \"" + text(statement)
                        + "\". Some extra configuration is required.", place(statement), hint));
                continue;
            }
            String name = call.getMethodAsString();
            if (!known.contains(name)) {
                unknownSection(name, known, where, call);
            } else if (!seen.add(name)) {
                problems.error("Multiple occurrences of the " + name + " section", place(call));
            } else {
                section(name, call, target, known != Vocabulary.PIPELINE);
            }
        }
        return seen;
    }

    private void unknownSection(String name, Set<String> known, String where, MethodCallExpression call) {
        boolean isStage = known == Vocabulary.STAGE;
        if (isStage && Catalog.find(name) != null) {
            problems.error("Unknown stage section \"" + name
                    + "\". Starting with version 0.5, steps in a stage must be in a 'steps' block.", place(call));
        } else {
            String kind = isStage ? "Unknown stage section" : "Undefined section";
            problems.unknown(kind + " \"" + name + "\" in " + where, name, known, place(call));
        }
    }

    private void section(String name, MethodCallExpression call, Model.Block target, boolean isStage) {
        switch (name) {
            case "agent" -> target.agent = sections.agent(call);
            case "failFast" -> target.hasFailFast = Ast.flag(call, file, problems);
            default -> {
                ClosureExpression block = Ast.block(call);
                if (block == null) {
                    problems.error("Expected a block for " + name, place(call));
                } else {
                    blockSection(name, call, block, target, isStage);
                }
            }
        }
    }

    private void blockSection(
            String name, MethodCallExpression call, ClosureExpression block, Model.Block target, boolean isStage) {
        if (Vocabulary.NEVER_EMPTY.containsKey(name) && Ast.statements(block).isEmpty()) {
            problems.error(Vocabulary.NEVER_EMPTY.get(name), place(call));
        }
        switch (name) {
            case "stages" -> stages(block, target);
            case "parallel" -> parallel(block, target);
            case "matrix" -> matrix(block, target, call);
            case "steps" -> target.steps = sections.steps(block, call, "steps");
            case "post" -> sections.post(block, target);
            case "environment" -> sections.environment(block, target);
            case "options" -> sections.options(block, target, isStage ? Vocabulary.STAGE_OPTIONS : Vocabulary.OPTIONS);
            case "parameters" -> target.parameters.addAll(sections.parameters(block, target.parameterNames));
            case "when" -> target.when = sections.when(block);
            case "input" -> target.input = sections.input(block, call);
            case "triggers" -> sections.triggers(block);
            case "tools" -> sections.tools(block, call);
            case "libraries" -> sections.libraries(block);
            case "axes", "excludes" -> { } // read with their matrix
            default -> throw new IllegalStateException(name);
        }
    }

    /** Reads the stages of BLOCK; their names differ, though those of another list may be the same. */
    private void stages(ClosureExpression block, Model.Block target) {
        Set<String> names = new HashSet<>();
        for (Statement statement : Ast.statements(block)) {
            MethodCallExpression call = Ast.bareCall(statement);
            if (call == null || !"stage".equals(call.getMethodAsString())) {
                problems.add(Problem.error("Expected a stage", place(statement), Ast.chainHint(statement, "stage")));
            } else {
                stage(call, target, names);
            }
        }
    }

    private void stage(MethodCallExpression call, Model.Block target, Set<String> names) {
        List<Expression> arguments = Ast.plainArguments(call);
        String name = arguments.size() == 1 ? Ast.literal(arguments.get(0)) : null;
        ClosureExpression block = Ast.block(call);
        if (name == null) {
            problems.error(arguments.isEmpty()
                    ? "Expected a stage name but didn't find any" : "Expected string literal", place(call));
        } else if (block == null) {
            problems.error("Stage doesn't have a block", place(call));
        } else {
            if (!names.add(name)) {
                problems.error("Duplicate stage name: \"" + name + "\"", place(call));
            }
            Model.Block stage = new Model.Block(name, place(call));
            Set<String> seen = sections(block, stage, Vocabulary.STAGE, "stage \"" + name + "\"");
            checkContent(seen, stage, call);
            target.stages.add(stage);
        }
    }

    private void checkContent(Set<String> seen, Model.Block stage, ASTNode at) {
        List<String> content = new ArrayList<>(List.of("steps", "stages", "parallel", "matrix"));
        content.retainAll(seen);
        if (content.isEmpty()) {
            problems.error("No \"steps\", \"stages\", \"parallel\" or \"matrix\" to execute within stage \""
                    + stage.name + "\"", place(at));
        } else if (content.size() > 1) {
            problems.error("Only one of \"matrix\", \"parallel\", \"stages\", or \"steps\" allowed for stage \""
                    + stage.name + "\"", place(at));
        }
        boolean isBranching = seen.contains("parallel") || seen.contains("matrix");
        if (isBranching && branchingDepth > 0) {
            problems.error("Parallel stages or branches can only be included in a top-level stage.", place(at));
        }
        for (String denied : List.of("agent", "tools")) {
            if (isBranching && seen.contains(denied)) {
                problems.error("\"" + denied + "\" is not allowed in stage \"" + stage.name
                        + "\" as it contains parallel stages", place(at));
            }
        }
        if (seen.contains("failFast") && !isBranching) {
            problems.error("failFast is only allowed with parallel or matrix, not in stage \"" + stage.name + "\"", place(at));
        }
    }

    private void parallel(ClosureExpression block, Model.Block target) {
        target.isParallel = true;
        branchingDepth++;
        stages(block, target);
        branchingDepth--;
    }

    private void matrix(ClosureExpression block, Model.Block target, MethodCallExpression at) {
        Model.Block cell = new Model.Block(target.name, place(at));
        branchingDepth++;
        Set<String> seen = sections(block, cell, Vocabulary.MATRIX, "matrix");
        branchingDepth--;
        require(seen, "axes", at);
        require(seen, "stages", at);
        MatrixParser parser = new MatrixParser(file, problems);
        target.matrix = parser.matrix(block);
        target.stages.add(cell);
    }

    private Problem.Place place(ASTNode node) {
        return Ast.place(file, node);
    }

    /** Returns what STATEMENT says, short. */
    static String text(Statement statement) {
        Expression expression = Ast.expression(statement);
        if (expression instanceof MethodCallExpression call) {
            return String.valueOf(call.getMethodAsString());
        }
        if (expression instanceof VariableExpression variable) {
            return variable.getName();
        }
        return expression instanceof ConstantExpression constant
                ? String.valueOf(constant.getValue())
                : expression == null ? "statement" : expression.getText();
    }
}
