package dev.cictl

import com.cloudbees.groovy.cps.NonCPS

/**
 * The options of one step, checked: unknown and missing ones and wrong types are told, never guessed.
 *
 * They are declared as [service: 'required name', tag: 'text', onAbort: 'rollback|leave']: a type, a list of words to
 * choose from, and `required` before it. What is null was not given.
 */
class Options implements Serializable {
    private static final long serialVersionUID = 1L
    private static final String REQUIRED = 'required '
    private static final int LONGEST = 80
    private static final Map<String, String> TYPES = [
        text: 'a text',
        name: 'a name: small letters, digits and hyphens',
        flag: 'true or false',
        number: 'a whole number from 1 on',
        settings: 'a map from names to texts',
        images: 'a map from services to images',
    ]

    /** What was given, as plain serialisable values; options that were not given are missing. */
    final Map<String, Object> values
    /** What is wrong, null where nothing is. */
    final String problem

    private Options(Map<String, Object> values, String problem) {
        this.values = values
        this.problem = problem
    }

    /** Check GIVEN against DECLARED. */
    @NonCPS
    static Options check(Map<String, String> declared, Map given) {
        String unknown = unknownProblem(declared, given)
        if (unknown != null) {
            return new Options([:], unknown)
        }
        Map<String, Object> values = [:]
        for (Map.Entry<String, String> each : declared.entrySet()) {
            Object value = plain(given.get(each.key))
            String problem = problemOf(each.key, each.value, value)
            if (problem != null) {
                return new Options([:], problem)
            }
            if (value != null) {
                values.put(each.key, each.value.endsWith('number') ? whole(value) : value)
            }
        }
        return new Options(values, null)
    }

    @NonCPS
    private static String unknownProblem(Map<String, String> declared, Map given) {
        for (Object key : given.keySet()) {
            if (!declared.containsKey(key.toString())) {
                String near = Spelling.nearest(key.toString(), declared)
                String known = declared ? 'it takes ' + declared.keySet().join(', ') : 'it takes none'
                return "there is no option '${key}'; ".toString() + (near ? "did you mean '${near}'?".toString() : known)
            }
        }
        return null
    }

    @NonCPS
    private static String problemOf(String name, String declaration, Object value) {
        boolean required = declaration.startsWith(REQUIRED)
        String type = required ? declaration.substring(REQUIRED.length()) : declaration
        if (value == null) {
            return required ? "the option '${name}' is missing".toString() : null
        }
        if (fits(type, value)) {
            return null
        }
        String wanted = TYPES.get(type) ?: 'one of ' + type.replace('|', ', ')
        return "the option '${name}' is to be ${wanted}, not ${shown(value)}".toString()
    }

    @NonCPS
    private static boolean fits(String type, Object value) {
        if (type == 'flag') {
            return value instanceof Boolean
        }
        if (type == 'number') {
            return isText(value) ? value.matches('[1-9][0-9]{0,8}') : value instanceof Integer && value > 0
        }
        if (type == 'settings') {
            return value instanceof Map && areSettings(value)
        }
        if (type == 'images') {
            return value instanceof Map
        }
        if (type == 'name') {
            return isText(value) && value.matches('[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?')
        }
        return isText(value) && (type == 'text' || ('|' + type + '|').contains('|' + value + '|'))
    }

    /** A parameter of a job is a text, also where it is a number. */
    @NonCPS
    private static Integer whole(Object value) {
        return value instanceof String ? value.toInteger() : value
    }

    @NonCPS
    private static boolean areSettings(Map settings) {
        for (Map.Entry each : settings.entrySet()) {
            if (!each.key.matches('[A-Za-z_][A-Za-z0-9_]*') || !(each.value instanceof String)) {
                return false
            }
        }
        return true
    }

    @NonCPS
    private static boolean isText(Object value) {
        return value instanceof String && !value.isEmpty() && value.indexOf('\u0000') < 0
    }

    /** Texts with values in them become plain ones, maps copies: a GString or a lazy view is not kept. */
    @NonCPS
    private static Object plain(Object value) {
        if (value instanceof CharSequence) {
            return value.toString()
        }
        if (value instanceof Map) {
            Map<String, Object> copy = [:]
            for (Map.Entry each : value.entrySet()) {
                copy.put(each.key.toString(), plain(each.value))
            }
            return copy
        }
        return value
    }

    @NonCPS
    private static String shown(Object value) {
        String text = value.toString()
        String begin = text.length() > LONGEST ? text.substring(0, LONGEST) + '…' : text
        return value instanceof String ? "'${begin}'".toString() : begin
    }
}
