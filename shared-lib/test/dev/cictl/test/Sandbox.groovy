package dev.cictl.test

import java.lang.reflect.Constructor
import java.lang.reflect.Field
import java.lang.reflect.Modifier
import org.codehaus.groovy.runtime.DateGroovyMethods
import org.codehaus.groovy.runtime.DefaultGroovyMethods
import org.codehaus.groovy.runtime.EncodingGroovyMethods
import org.codehaus.groovy.runtime.StringGroovyMethods
import org.kohsuke.groovy.sandbox.GroovyInterceptor
import org.kohsuke.groovy.sandbox.GroovyInterceptor.Invoker

/**
 * Lets code call what whitelist.txt names, as the Script Security plugin does: the most general class that declares a
 * method is asked for, Groovy's own methods are static ones, and what the library itself defines is free.
 */
class Sandbox extends GroovyInterceptor {
    private static final List<Class> GROOVY = [DefaultGroovyMethods, StringGroovyMethods, EncodingGroovyMethods, DateGroovyMethods]
    private static final Set<String> ALLOWED = new File('../../cli/cictl/pipeline_runner/whitelist.txt').readLines()
        .findAll { it && !it.startsWith('#') } as Set

    private static final Set<String> ARITHMETIC = ['plus', 'minus', 'multiply', 'div', 'mod', 'intdiv', 'compareTo']

    private final ClassLoader own

    Sandbox(ClassLoader own) {
        this.own = own
    }

    @Override
    Object onMethodCall(Invoker invoker, Object receiver, String name, Object... args) {
        if (!isFree(receiver.getClass())) {
            checkMethod(receiver, name, args)
        }
        return invoker.call(receiver, name, args)
    }

    private void checkMethod(Object receiver, String name, Object[] args) {
        def method = Signatures.method(receiver.getClass(), name, args)
        if (method != null) {
            if (!isOwn(method.declaringClass)) {
                check(Signatures.text('method', method))
            }
            return
        }
        if (receiver instanceof Closure && name == 'call' || isArithmetic(receiver, name, args)) {
            return
        }
        def groovy = GROOVY.findResult { Signatures.staticMethod(it, name, [receiver, *args] as Object[]) }
        if (groovy == null) {
            throw new Refused("unclassified method ${receiver.getClass().name} ${name} ${args*.class*.name.join(' ')}")
        }
        check(Signatures.text('staticMethod', groovy))
    }

    private static boolean isArithmetic(Object receiver, String name, Object[] args) {
        return receiver instanceof Number && name in ARITHMETIC && args.length == 1 && args[0] instanceof Number
    }

    @Override
    Object onStaticCall(Invoker invoker, Class receiver, String name, Object... args) {
        if (!isFree(receiver)) {
            def method = Signatures.staticMethod(receiver, name, args)
            if (method != null) {
                check(Signatures.text('staticMethod', method))
            } else {
                checkMethod(receiver, name, args)
            }
        }
        return invoker.call(receiver, name, args)
    }

    @Override
    Object onNewInstance(Invoker invoker, Class type, Object... args) {
        if (!isFree(type)) {
            Constructor made = type.constructors.find { Signatures.fits(it.parameterTypes, args, it.varArgs) }
            check(made == null ? "unclassified new ${type.name}" : Signatures.text(made))
        }
        return invoker.call(type, null, args)
    }

    /** Jenkins' own class of scripts may be extended; anything else must be allowed to be made. */
    @Override
    void onSuperConstructor(Invoker invoker, Class type, Object... args) {
        if (type != StepScript) {
            onNewInstance(invoker, type, args)
        }
    }

    @Override
    Object onGetProperty(Invoker invoker, Object receiver, String name) {
        checkProperty(receiver, name, 'get', [] as Object[])
        return invoker.call(receiver, name)
    }

    @Override
    Object onSetProperty(Invoker invoker, Object receiver, String name, Object value) {
        checkProperty(receiver, name, 'set', [value] as Object[])
        return invoker.call(receiver, name, value)
    }

    private void checkProperty(Object receiver, String name, String prefix, Object[] args) {
        Class type = receiver instanceof Class ? receiver : receiver.getClass()
        if (isFree(type) || receiver instanceof Map || receiver instanceof EnvironmentOfBuild) {
            return
        }
        String accessor = prefix + name.capitalize()
        def method = receiver instanceof Class ? null : Signatures.method(type, accessor, args)
        Field field = type.fields.find { it.name == name }
        if (method != null) {
            check(Signatures.text('method', method))
        } else if (field != null) {
            check((Modifier.isStatic(field.modifiers) ? 'staticField ' : 'field ') + "${field.declaringClass.name} ${name}")
        } else {
            checkMethod(receiver, accessor, args)
        }
    }

    @Override
    Object onGetArray(Invoker invoker, Object receiver, Object index) {
        if (!receiver.getClass().array && !(receiver instanceof Map)) {
            checkMethod(receiver, 'getAt', [index] as Object[])
        }
        return invoker.call(receiver, null, index)
    }

    /** Classes of the library and its scripts, whose steps Jenkins lets through. */
    private boolean isFree(Class type) {
        return isOwn(type) && !Closure.isAssignableFrom(type)
    }

    private boolean isOwn(Class type) {
        for (ClassLoader loader = type.classLoader; loader != null; loader = loader.parent) {
            if (loader.is(own)) {
                return true
            }
        }
        return false
    }

    private static void check(String signature) {
        if (!ALLOWED.contains(signature)) {
            throw new Refused(signature)
        }
    }
}
