package dev.cictl

import com.cloudbees.groovy.cps.NonCPS

/** Build arguments on their way to the shell: any number of them, each a word in a variable of its own. */
class BuildArguments implements Serializable {
    private static final long serialVersionUID = 1L

    /** Return OPTIONS with `buildArgs` spread over `argument0`, `argument1` … and their indexes in `arguments`. */
    @NonCPS
    static Map<String, Object> spread(Map<String, Object> options) {
        Map<String, Object> values = new HashMap<String, Object>(options)
        Map<String, String> settings = values.remove('buildArgs') ?: [:]
        List<String> indexes = []
        for (Map.Entry<String, String> each : settings.entrySet()) {
            values.put('argument' + indexes.size(), '--build-arg=' + each.key + '=' + each.value)
            indexes.add(indexes.size().toString())
        }
        values.put('arguments', indexes)
        return values
    }
}
