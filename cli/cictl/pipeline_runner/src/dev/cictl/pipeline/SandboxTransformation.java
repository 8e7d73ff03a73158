package dev.cictl.pipeline;

import com.cloudbees.groovy.cps.CpsTransformer;
import com.cloudbees.groovy.cps.SandboxCpsTransformer;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import org.codehaus.groovy.ast.ClassCodeExpressionTransformer;
import org.codehaus.groovy.ast.MethodNode;
import org.codehaus.groovy.syntax.SyntaxException;

/**
 * The transformation that Jenkins uses in its sandbox. It wants a groovy-sandbox that forbids finalizers; the newest in a
 * public repository does not know how, so that this does it instead.
 */
final class SandboxTransformation extends SandboxCpsTransformer {
    private static final Field VISITOR;
    private static final MethodHandle VISIT;

    static {
        try {
            VISITOR = SandboxCpsTransformer.class.getDeclaredField("stv");
            VISITOR.setAccessible(true);
            VISIT = MethodHandles.privateLookupIn(SandboxCpsTransformer.class, MethodHandles.lookup())
                    .findSpecial(CpsTransformer.class, "visitMethod", MethodType.methodType(void.class, MethodNode.class),
                            SandboxCpsTransformer.class);
        } catch (ReflectiveOperationException changed) {
            throw new ExceptionInInitializerError(changed);
        }
    }

    @Override
    protected void visitNontransformedMethod(MethodNode method) {
        forbidFinalizer(method);
        try {
            ((ClassCodeExpressionTransformer) VISITOR.get(this)).visitMethod(method);
        } catch (IllegalAccessException changed) {
            throw new IllegalStateException(changed);
        }
    }

    @Override
    public void visitMethod(MethodNode method) {
        forbidFinalizer(method);
        try {
            VISIT.invokeExact((SandboxCpsTransformer) this, method);
        } catch (Throwable thrown) {
            throw Thrown.sneaky(thrown);
        }
    }

    private void forbidFinalizer(MethodNode method) {
        if ("finalize".equals(method.getName()) && !method.isStatic() && !method.isPrivate()) {
            String message = "Object.finalize() is not allowed in the sandbox";
            SyntaxException error = new SyntaxException(message, method.getLineNumber(), method.getColumnNumber());
            classNode.getModule().getContext().getErrorCollector().addErrorAndContinue(
                    new org.codehaus.groovy.control.messages.SyntaxErrorMessage(error, classNode.getModule().getContext()));
        }
    }
}
