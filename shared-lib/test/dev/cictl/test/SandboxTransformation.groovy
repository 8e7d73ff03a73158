package dev.cictl.test

import com.cloudbees.groovy.cps.CpsTransformer
import com.cloudbees.groovy.cps.SandboxCpsTransformer
import java.lang.invoke.MethodHandle
import java.lang.invoke.MethodHandles
import java.lang.invoke.MethodType
import java.lang.reflect.Field
import org.codehaus.groovy.ast.MethodNode

/**
 * Jenkins' transformation for the sandbox, with a groovy-sandbox that lacks one method of it, which forbids finalizers.
 *
 * Newer ones of groovy-sandbox are in no public repository but Jenkins' own.
 */
class SandboxTransformation extends SandboxCpsTransformer {
    private static final Field VISITOR = SandboxCpsTransformer.getDeclaredField('stv').with { accessible = true; it }
    private static final MethodHandle VISIT = MethodHandles.privateLookupIn(SandboxCpsTransformer, MethodHandles.lookup())
        .findSpecial(CpsTransformer, 'visitMethod', MethodType.methodType(void, MethodNode), SandboxCpsTransformer)

    @Override
    protected void visitNontransformedMethod(MethodNode method) {
        VISITOR.get(this).visitMethod(method)
    }

    @Override
    void visitMethod(MethodNode method) {
        VISIT.invokeWithArguments([this, method])
    }
}
