package dev.cictl

import com.cloudbees.groovy.cps.NonCPS

/** Values on their way to the shell: by the environment alone, so that none can become code. */
class Variables implements Serializable {
    private static final long serialVersionUID = 1L

    /**
     * Return VALUES for `withEnv`: names upper-cased behind STEP_, true as 'yes', lists word by word.
     *
     * `withEnv` takes values as they are, dollars too. What is false or missing is the empty text, which unsets: a command
     * line asks by ${STEP_TAG:+…}.
     */
    @NonCPS
    static List<String> of(Map<String, Object> values) {
        List<String> lines = []
        for (Map.Entry<String, Object> each : values.entrySet()) {
            String name = each.key.replaceAll('([A-Z])', '_$1').toUpperCase()
            lines.add('STEP_' + name + '=' + text(each.value))
        }
        return lines
    }

    @NonCPS
    private static String text(Object value) {
        if (value == null || value == false) {
            return ''
        }
        if (value == true) {
            return 'yes'
        }
        return value instanceof Collection ? value.join(' ') : value.toString()
    }
}
