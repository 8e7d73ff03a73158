package dev.cictl.test

import java.lang.reflect.Constructor
import java.lang.reflect.Method
import java.lang.reflect.Modifier
import org.codehaus.groovy.runtime.MetaClassHelper

/** Finds which method a call means, and writes it as the Script Security plugin does. */
class Signatures {
    static String text(String kind, Method method) {
        return words(["${kind} ${method.declaringClass.name} ${method.name}", *method.parameterTypes.collect { name(it) }])
    }

    static String text(Constructor made) {
        return words(["new ${made.declaringClass.name}", *made.parameterTypes.collect { name(it) }])
    }

    private static String words(List parts) {
        return parts.join(' ')
    }

    private static String name(Class type) {
        return type.array ? name(type.componentType) + '[]' : type.name
    }

    private static final Map<List, Object> FOUND = [:]

    /** The instance method NAME for ARGS, of the most general type that declares it. */
    static Method method(Class type, String name, Object[] args) {
        return found([type, name, *args*.getClass()]) {
            typesOf(type).findResult { Class each -> nearest(each, name, args) { !Modifier.isStatic(it.modifiers) } }
        }
    }

    static Method staticMethod(Class type, String name, Object[] args) {
        return found(['static', type, name, *args*.getClass()]) {
            nearest(type, name, args) { Modifier.isStatic(it.modifiers) }
        }
    }

    private static Method found(List key, Closure<Method> look) {
        if (!FOUND.containsKey(key)) {
            FOUND.put(key, look())
        }
        return (Method) FOUND.get(key)
    }

    private static Set<Class> typesOf(Class type) {
        Set<Class> found = new LinkedHashSet<Class>()
        if (type.superclass != null) {
            found.addAll(typesOf(type.superclass))
        }
        type.interfaces.each { found.addAll(typesOf(it)) }
        found.add(type)
        return found
    }

    private static Method nearest(Class type, String name, Object[] args, Closure<Boolean> wanted) {
        List<Method> fitting = type.declaredMethods.findAll {
            it.name == name && Modifier.isPublic(it.modifiers) && wanted(it) && fits(it.parameterTypes, args, it.varArgs)
        }
        return fitting.find { one -> fitting.every { isNearer(one.parameterTypes, it.parameterTypes) } } ?: fitting[0]
    }

    private static boolean isNearer(Class[] these, Class[] those) {
        return these.length == those.length && (0..<these.length).every { those[it].isAssignableFrom(these[it]) }
    }

    static boolean fits(Class[] types, Object[] args, boolean varArgs) {
        Object[] given = args == null ? [null] as Object[] : args
        if (types.length == given.length && (0..<types.length).every { fitsOne(types[it], given[it]) }) {
            return true
        }
        int fixed = types.length - 1
        return varArgs && given.length >= fixed && (0..<fixed).every { fitsOne(types[it], given[it]) } &&
            (fixed..<given.length).every { fitsOne(types[fixed].componentType, given[it]) }
    }

    private static boolean fitsOne(Class type, Object value) {
        if (value == null) {
            return !type.primitive
        }
        if (type == String && value instanceof GString) {
            return true
        }
        return MetaClassHelper.isAssignableFrom(type, value.getClass())
    }
}
