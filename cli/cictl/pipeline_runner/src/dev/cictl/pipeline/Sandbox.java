package dev.cictl.pipeline;

import groovy.lang.Closure;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.codehaus.groovy.runtime.DateGroovyMethods;
import org.codehaus.groovy.runtime.DefaultGroovyMethods;
import org.codehaus.groovy.runtime.EncodingGroovyMethods;
import org.codehaus.groovy.runtime.ProcessGroovyMethods;
import org.codehaus.groovy.runtime.StringGroovyMethods;
import org.kohsuke.groovy.sandbox.GroovyInterceptor;

/**
 * Lets code call what the {@link Whitelist} names, as the Script Security plugin does: the most general class that declares
 * a method is asked for, Groovy's own methods are static ones, and what the pipeline and its libraries define is free.
 */
final class Sandbox extends GroovyInterceptor {
    private static final List<Class<?>> GROOVY = List.of(DefaultGroovyMethods.class, StringGroovyMethods.class,
            EncodingGroovyMethods.class, DateGroovyMethods.class, ProcessGroovyMethods.class);
    private static final Set<String> ARITHMETIC = Set.of("plus", "minus", "multiply", "div", "mod", "intdiv", "compareTo",
            "power", "leftShift", "rightShift", "and", "or", "xor", "negative", "positive", "bitwiseNegate");

    private final ClassLoader own;
    private final Whitelist whitelist = new Whitelist();

    /** OWN loads what the pipeline and its libraries define. */
    Sandbox(ClassLoader own) {
        this.own = own;
    }

    @Override
    public Object onMethodCall(Invoker invoker, Object receiver, String name, Object... arguments) throws Throwable {
        if (!isFree(receiver.getClass())) {
            checkMethod(receiver, name, arguments);
        }
        return invoker.call(receiver, name, arguments);
    }

    private void checkMethod(Object receiver, String name, Object[] arguments) {
        Method method = Signatures.method(receiver.getClass(), name, arguments);
        if (method != null) {
            if (!isOwn(method.getDeclaringClass()) && !isPartOfSteps(method.getDeclaringClass())) {
                whitelist.check(Signatures.text(method));
            }
            return;
        }
        boolean isCall = receiver instanceof Closure && "call".equals(name);
        if (isCall || receiver instanceof Globals.StepsObject || isArithmetic(receiver, name, arguments)) {
            return;
        }
        checkOfGroovy(receiver, name, arguments);
    }

    /** Several of Groovy's classes may have the method; one of them that is permitted is enough, the first is named. */
    private void checkOfGroovy(Object receiver, String name, Object[] arguments) {
        Object[] all = Stream.concat(Stream.of(receiver), Arrays.stream(arguments)).toArray();
        String unknown = "unclassified method " + Signatures.name(receiver.getClass()) + " " + name
                + Signatures.classes(arguments);
        List<String> found = GROOVY.stream()
                .map(each -> Signatures.staticMethod(each, name, all))
                .filter(Objects::nonNull)
                .map(Signatures::text)
                .toList();
        if (found.stream().noneMatch(whitelist::permits)) {
            whitelist.check(found.isEmpty() ? unknown : found.get(0));
        }
    }

    private static boolean isArithmetic(Object receiver, String name, Object[] arguments) {
        return receiver instanceof Number && ARITHMETIC.contains(name)
                && Arrays.stream(arguments).allMatch(each -> each instanceof Number);
    }

    /** Whether TYPE is what steps and their closures are made of here, for which Jenkins has no counterpart. */
    private static boolean isPartOfSteps(Class<?> type) {
        return type == PipelineScript.class || type == StepClosure.class || type == Globals.StepsObject.class;
    }

    @Override
    public Object onStaticCall(Invoker invoker, Class receiver, String name, Object... arguments) throws Throwable {
        if (!isFree(receiver)) {
            Method method = Signatures.staticMethod(receiver, name, arguments);
            if (method != null) {
                whitelist.check(Signatures.text(method));
            } else {
                checkMethod(receiver, name, arguments);
            }
        }
        return invoker.call(receiver, name, arguments);
    }

    @Override
    public Object onNewInstance(Invoker invoker, Class type, Object... arguments) throws Throwable {
        checkNew(type, arguments);
        return invoker.call(type, null, arguments);
    }

    private void checkNew(Class<?> type, Object[] arguments) {
        if (!isFree(type)) {
            Constructor<?> made = Signatures.constructor(type, arguments);
            String unknown = "unclassified new " + Signatures.name(type) + Signatures.classes(arguments);
            whitelist.check(made == null ? unknown : Signatures.text(made));
        }
    }

    /** The class of scripts may be extended; anything else must be allowed to be made. */
    @Override
    public void onSuperConstructor(Invoker invoker, Class type, Object... arguments) throws Throwable {
        if (type != PipelineScript.class && type != Object.class) {
            checkNew(type, arguments);
        }
    }

    @Override
    public Object onSuperCall(Invoker invoker, Class sender, Object receiver, String name, Object... arguments)
            throws Throwable {
        checkMethod(receiver, name, arguments);
        return super.onSuperCall(invoker, sender, receiver, name, arguments);
    }

    @Override
    public Object onGetProperty(Invoker invoker, Object receiver, String name) throws Throwable {
        checkProperty(receiver, name, "get", new Object[0]);
        return invoker.call(receiver, name);
    }

    @Override
    public Object onSetProperty(Invoker invoker, Object receiver, String name, Object value) throws Throwable {
        checkProperty(receiver, name, "set", new Object[] {value});
        return invoker.call(receiver, name, value);
    }

    private void checkProperty(Object receiver, String name, String prefix, Object[] arguments) {
        Class<?> type = receiver instanceof Class<?> asked ? asked : receiver.getClass();
        if (isFree(type) || receiver instanceof Map || receiver instanceof Globals.Env
                || receiver instanceof Globals.StepsObject || receiver instanceof StepClosure) {
            return;
        }
        String named = Character.toUpperCase(name.charAt(0)) + name.substring(1);
        String accessor = prefix + named;
        Method method = receiver instanceof Class<?> ? null : Signatures.method(type, accessor, arguments);
        if (method == null && "get".equals(prefix) && !(receiver instanceof Class<?>)) {
            method = Signatures.method(type, "is" + named, arguments);
        }
        Field field = Arrays.stream(type.getFields()).filter(each -> each.getName().equals(name)).findFirst().orElse(null);
        if (method != null) {
            whitelist.check(Signatures.text(method));
        } else if (field != null) {
            String kind = Modifier.isStatic(field.getModifiers()) ? "staticField " : "field ";
            whitelist.check(kind + Signatures.name(field.getDeclaringClass()) + " " + name);
        } else if (!"length".equals(name) || !type.isArray()) {
            checkMethod(receiver, accessor, arguments);
        }
    }

    @Override
    public Object onGetAttribute(Invoker invoker, Object receiver, String name) throws Throwable {
        checkAttribute(receiver, name);
        return invoker.call(receiver, name);
    }

    @Override
    public Object onSetAttribute(Invoker invoker, Object receiver, String name, Object value) throws Throwable {
        checkAttribute(receiver, name);
        return invoker.call(receiver, name, value);
    }

    private void checkAttribute(Object receiver, String name) {
        Class<?> type = receiver instanceof Class<?> asked ? asked : receiver.getClass();
        if (!isFree(type)) {
            whitelist.check("unclassified field " + Signatures.name(type) + " " + name);
        }
    }

    @Override
    public Object onGetArray(Invoker invoker, Object receiver, Object index) throws Throwable {
        checkIndex(receiver, "getAt", index);
        return invoker.call(receiver, null, index);
    }

    @Override
    public Object onSetArray(Invoker invoker, Object receiver, Object index, Object value) throws Throwable {
        checkIndex(receiver, "putAt", index, value);
        return invoker.call(receiver, null, index, value);
    }

    private void checkIndex(Object receiver, String name, Object... arguments) {
        boolean isKnown = receiver.getClass().isArray() || receiver instanceof Map || receiver instanceof Globals.Env;
        if (!isKnown && !isFree(receiver.getClass())) {
            checkMethod(receiver, name, arguments);
        }
    }

    /** Classes of the pipeline and its libraries, whose steps Jenkins lets through. */
    private boolean isFree(Class<?> type) {
        return isOwn(type) && !Closure.class.isAssignableFrom(type);
    }

    private boolean isOwn(Class<?> type) {
        for (ClassLoader loader = type.getClassLoader(); loader != null; loader = loader.getParent()) {
            if (loader == own) {
                return true;
            }
        }
        return false;
    }
}
