package dev.cictl

import com.cloudbees.groovy.cps.NonCPS

/** The one or two lines that a build's description has room for. */
class Summary implements Serializable {
    private static final long serialVersionUID = 1L
    private static final String PREFIX = '@sha256:'
    private static final int SHORT_DIGEST = 12

    /** Return what GIVEN says: a description, the images by digest, why it failed or else a verdict; empty where it says nothing. */
    @NonCPS
    static String of(Map<String, Object> given) {
        List<String> lines = []
        if (given.get('description') != null) {
            lines.add(given.get('description'))
        }
        Map<String, String> images = given.get('images') ?: [:]
        for (Map.Entry<String, String> each : images.entrySet()) {
            lines.add(each.key + ' ' + shortened(each.value))
        }
        String end = given.get('failure') ?: given.get('verdict')
        if (end != null) {
            lines.add(end)
        }
        return lines.join(', ')
    }

    /** Return why PROBLEM ended a build; a person who stops one need not say so. */
    @NonCPS
    static String reason(Throwable problem) {
        return problem instanceof InterruptedException ? 'aborted' : problem.message ?: problem.toString()
    }

    @NonCPS
    private static String shortened(String image) {
        if (image == null) {
            return 'built and tested'
        }
        int digest = image.indexOf(PREFIX)
        int end = digest + PREFIX.length() + SHORT_DIGEST
        return digest < 0 || image.length() < end ? image : image.substring(digest + 1, end)
    }
}
