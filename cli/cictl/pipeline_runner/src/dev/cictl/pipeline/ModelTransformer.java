package dev.cictl.pipeline;

import java.util.List;
import org.codehaus.groovy.ast.ClassCodeVisitorSupport;
import org.codehaus.groovy.ast.ClassNode;
import org.codehaus.groovy.ast.expr.ArgumentListExpression;
import org.codehaus.groovy.ast.expr.ClosureExpression;
import org.codehaus.groovy.ast.expr.ConstantExpression;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.classgen.GeneratorContext;
import org.codehaus.groovy.control.CompilePhase;
import org.codehaus.groovy.control.SourceUnit;
import org.codehaus.groovy.control.customizers.CompilationCustomizer;

/**
 * Replaces the block of `pipeline` by the number of its model and the list of its closures, before names are resolved;
 * and looks at the steps that are called.
 */
final class ModelTransformer extends CompilationCustomizer {
    private final Loader loader;

    ModelTransformer(Loader loader) {
        super(CompilePhase.CONVERSION);
        this.loader = loader;
    }

    @Override
    public void call(SourceUnit unit, GeneratorContext context, ClassNode type) {
        if (!type.isScript()) {
            return;
        }
        String file = loader.fileOf(unit.getName());
        new Pipelines(unit, file).visitClass(type);
        SourceCheck check = new SourceCheck(unit, file, loader.problems());
        check.read(type);
        loader.keep(unit.getName(), check);
    }

    /** Finds `pipeline { … }`, at the top or in a method. */
    private final class Pipelines extends ClassCodeVisitorSupport {
        private final SourceUnit unit;
        private final String file;
        private int blocks;

        Pipelines(SourceUnit unit, String file) {
            this.unit = unit;
            this.file = file;
        }

        @Override
        public void visitMethodCallExpression(MethodCallExpression call) {
            ClosureExpression block = Ast.block(call);
            boolean isPipeline = Ast.isBare(call) && "pipeline".equals(call.getMethodAsString());
            if (isPipeline && block != null && Ast.arguments(call).size() == 1) {
                if (blocks > 0) {
                    loader.problems().error("pipeline block must be at the top-level, not within another block.",
                            Ast.place(file, call));
                }
                transform(call, block);
            } else {
                super.visitMethodCallExpression(call);
            }
        }

        @Override
        public void visitClosureExpression(ClosureExpression closure) {
            blocks++;
            super.visitClosureExpression(closure);
            blocks--;
        }

        private void transform(MethodCallExpression call, ClosureExpression block) {
            DeclarativeParser parser = new DeclarativeParser(file, loader.problems());
            int id = loader.keep(parser.pipeline(call, block));
            call.setArguments(new ArgumentListExpression(
                    List.of(new ConstantExpression(id, true), parser.leaves().list())));
            call.setMethod(new ConstantExpression(Steps.PIPELINE));
        }

        @Override
        protected SourceUnit getSourceUnit() {
            return unit;
        }
    }
}
