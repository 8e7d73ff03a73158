package dev.cictl

/** What the library knows of the platform that it belongs to: generated from cictl.yaml, with the library's version. */
class Platform implements Serializable {
    private static final long serialVersionUID = 1L

    /** Return `version`, `repo`, `branch`, `credentials`, `agentLabel`, `environment`, `kubeconfig` and `registry`. */
    static Map<String, Object> of(Object steps) {
        return Json.read(steps.libraryResource('dev/cictl/platform.json'))
    }
}
