package dev.cictl

import com.cloudbees.groovy.cps.NonCPS
import groovy.json.JsonSlurper

/** Reads JSON into what may be kept across steps: the slurper's own maps are lazy and not serialisable. */
class Json implements Serializable {
    private static final long serialVersionUID = 1L

    /** Return the object that TEXT is; an empty one where TEXT is blank, as when nothing was run. */
    @NonCPS
    static Map<String, Object> read(String text) {
        if (text == null || text.trim().isEmpty()) {
            return [:]
        }
        Object value = new JsonSlurper().parseText(text)
        return value instanceof Map ? copied(value) : [items: copied(value)]
    }

    @NonCPS
    private static Object copied(Object value) {
        if (value instanceof Map) {
            Map<String, Object> copy = new HashMap<String, Object>()
            for (Map.Entry each : value.entrySet()) {
                copy.put(each.key.toString(), copied(each.value))
            }
            return copy
        }
        if (value instanceof List) {
            List<Object> copy = []
            for (Object each : value) {
                copy.add(copied(each))
            }
            return copy
        }
        return value
    }
}
