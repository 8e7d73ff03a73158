package dev.cictl.pipeline;

import groovy.lang.GString;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.codehaus.groovy.runtime.MetaClassHelper;

/** Finds what a call means, and writes it as the Script Security plugin does. */
final class Signatures {
    // What runs here in the place of classes of Jenkins is known by their names.
    private static final Map<Class<?>, String> JENKINS_NAMES = Map.of(
            CurrentBuild.class, "org.jenkinsci.plugins.workflow.support.steps.build.RunWrapper",
            FoundFile.class, "org.jenkinsci.plugins.pipeline.utility.steps.fs.FileWrapper",
            PastBuild.class, "org.jenkinsci.plugins.workflow.support.steps.build.RunWrapper",
            Globals.Env.class, "org.jenkinsci.plugins.workflow.support.actions.EnvironmentAction");

    private Signatures() {}

    static String text(Method method) {
        String kind = Modifier.isStatic(method.getModifiers()) ? "staticMethod " : "method ";
        return kind + name(method.getDeclaringClass()) + " " + method.getName() + types(method);
    }

    static String text(Constructor<?> made) {
        return "new " + name(made.getDeclaringClass()) + types(made);
    }

    private static String types(Executable executable) {
        StringBuilder text = new StringBuilder();
        Arrays.stream(executable.getParameterTypes()).forEach(each -> text.append(' ').append(name(each)));
        return text.toString();
    }

    /** Returns the names of the classes of ARGUMENTS, each behind a space. */
    static String classes(Object[] arguments) {
        StringBuilder text = new StringBuilder();
        for (Object each : arguments) {
            text.append(' ').append(each == null ? "null" : name(each.getClass()));
        }
        return text.toString();
    }

    static String name(Class<?> type) {
        return type.isArray() ? name(type.getComponentType()) + "[]" : JENKINS_NAMES.getOrDefault(type, type.getName());
    }

    /** Returns the instance method NAME for ARGUMENTS, of the most general type that declares it; null if none does. */
    static Method method(Class<?> type, String name, Object[] arguments) {
        for (Class<?> each : typesOf(type)) {
            Method found = nearest(each, name, arguments, false);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    static Method staticMethod(Class<?> type, String name, Object[] arguments) {
        return nearest(type, name, arguments, true);
    }

    static Constructor<?> constructor(Class<?> type, Object[] arguments) {
        return Arrays.stream(type.getConstructors())
                .filter(each -> fits(each.getParameterTypes(), arguments, each.isVarArgs()))
                .findFirst()
                .orElse(null);
    }

    private static Set<Class<?>> typesOf(Class<?> type) {
        Set<Class<?>> found = new LinkedHashSet<>();
        if (type.getSuperclass() != null) {
            found.addAll(typesOf(type.getSuperclass()));
        }
        for (Class<?> each : type.getInterfaces()) {
            found.addAll(typesOf(each));
        }
        found.add(type);
        return found;
    }

    private static Method nearest(Class<?> type, String name, Object[] arguments, boolean isStatic) {
        List<Method> fitting = new ArrayList<>();
        for (Method each : type.getDeclaredMethods()) {
            boolean isWanted = each.getName().equals(name) && Modifier.isPublic(each.getModifiers())
                    && Modifier.isStatic(each.getModifiers()) == isStatic;
            if (isWanted && fits(each.getParameterTypes(), arguments, each.isVarArgs())) {
                fitting.add(each);
            }
        }
        for (Method one : fitting) {
            if (fitting.stream().allMatch(each -> isNearer(one.getParameterTypes(), each.getParameterTypes()))) {
                return one;
            }
        }
        return fitting.isEmpty() ? null : Collections.min(fitting, java.util.Comparator.comparing(Method::toString));
    }

    private static boolean isNearer(Class<?>[] these, Class<?>[] those) {
        if (these.length != those.length) {
            return false;
        }
        for (int i = 0; i < these.length; i++) {
            if (!those[i].isAssignableFrom(these[i])) {
                return false;
            }
        }
        return true;
    }

    private static boolean fits(Class<?>[] types, Object[] arguments, boolean isVariable) {
        if (types.length == arguments.length && startFits(types, arguments, types.length)) {
            return true;
        }
        int fixed = types.length - 1;
        if (!isVariable || arguments.length < fixed || !startFits(types, arguments, fixed)) {
            return false;
        }
        return Arrays.stream(arguments).skip(fixed).allMatch(each -> fits(types[fixed].getComponentType(), each));
    }

    private static boolean startFits(Class<?>[] types, Object[] arguments, int count) {
        for (int i = 0; i < count; i++) {
            if (!fits(types[i], arguments[i])) {
                return false;
            }
        }
        return true;
    }

    private static boolean fits(Class<?> type, Object value) {
        if (value == null) {
            return !type.isPrimitive();
        }
        return type == String.class && value instanceof GString || MetaClassHelper.isAssignableFrom(type, value.getClass());
    }
}
