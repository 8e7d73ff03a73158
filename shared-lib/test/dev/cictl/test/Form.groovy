package dev.cictl.test

import com.cloudbees.groovy.cps.Continuable
import com.cloudbees.groovy.cps.Continuation
import com.cloudbees.groovy.cps.CpsTransformer
import com.cloudbees.groovy.cps.Envs
import com.cloudbees.groovy.cps.Next
import com.cloudbees.groovy.cps.NonCPS
import com.cloudbees.groovy.cps.impl.CpsCallableInvocation
import com.cloudbees.groovy.cps.impl.SourceLocation
import com.cloudbees.groovy.cps.sandbox.DefaultInvoker
import com.cloudbees.groovy.cps.sandbox.SandboxInvoker
import org.codehaus.groovy.control.CompilerConfiguration
import org.codehaus.groovy.control.customizers.ImportCustomizer
import org.codehaus.groovy.runtime.GroovyCategorySupport

/** A way to run the library: plain Groovy, as Jenkins transforms it, and so in the sandbox of folder libraries. */
enum Form {
    PLAIN, CPS, SANDBOX

    private final Map<File, Library> libraries = [:]
    private static boolean isWithinCategories

    /** Return the library in FOLDER, compiled once for this form. */
    Library library(File folder) {
        return libraries.computeIfAbsent(folder) { new Library(folder, new GroovyClassLoader(Form.classLoader, configuration())) }
    }

    private CompilerConfiguration configuration() {
        CompilerConfiguration made = new CompilerConfiguration(scriptBaseClass: StepScript.name)
        made.addCompilationCustomizers(new ImportCustomizer().addImports(NonCPS.name))
        if (this == CPS) {
            made.addCompilationCustomizers(new CpsTransformer())
        } else if (this == SANDBOX) {
            made.addCompilationCustomizers(new SandboxTransformation())
        }
        return made
    }

    /** Call CODE to its end; after each step everything that would be saved is written once. */
    Object run(Closure code) {
        try {
            return code.call()
        } catch (CpsCallableInvocation invocation) {
            return finish(invocation)
        }
    }

    private Object finish(CpsCallableInvocation invocation) {
        def invoker = this == SANDBOX ? new SandboxInvoker() : new DefaultInvoker()
        def first = invocation.invoke(Envs.empty(invoker), SourceLocation.UNKNOWN, Continuation.HALT)
        if (isWithinCategories) {
            return toEnd(first)
        }
        isWithinCategories = true
        try {
            return GroovyCategorySupport.use(Continuable.categories, { toEnd(first) })
        } finally {
            isWithinCategories = false
        }
    }

    private static Object toEnd(Next first) {
        Next next = first
        while (next.yield == null) {
            next = next.step()
            if (FakeBuild.current.takeStepped()) {
                Checkpoint.save(next)
            }
        }
        return next.yield.replay()
    }
}
