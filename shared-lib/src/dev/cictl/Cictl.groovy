package dev.cictl

/** One call of cictl on the agent: values by environment, the result as a map, a failure with its reason. */
class Cictl implements Serializable {
    private static final long serialVersionUID = 1L
    private static final int GATE_UNHEALTHY = 10
    private static final Map<Integer, String> MEANINGS = [
        1: 'a bug in cictl',
        2: 'the command line asks for something that cannot be',
        3: 'a configuration file is invalid',
        4: 'what was named does not exist',
        5: 'a system refuses for lack of rights',
        6: 'somebody else drives, or it changed since the plan',
        7: 'a system does not answer',
        8: 'it took too long',
        9: 'a build, test, push or apply failed',
        10: 'the gate is unhealthy',
        11: 'the gate could not tell',
        20: 'there are changes',
        127: 'there is no cictl on PATH; use withCictl',
    ]

    final Object steps
    final String step

    Cictl(Object steps, String step) {
        this.steps = steps
        this.step = step
    }

    /** Return GIVEN as STEP declares it; the build fails where it does not fit. */
    Map<String, Object> options(Map<String, String> declared, Map given) {
        Options options = Options.check(declared, given)
        if (options.problem != null) {
            steps.error("${step}: ${options.problem}")
        }
        return options.values
    }

    /**
     * Run COMMAND, a literal that reads VALUES as "$STEP_…", and return what it prints as JSON.
     *
     * "$@" is the words in STEP_ARGUMENT0, STEP_ARGUMENT1 … whose numbers STEP_ARGUMENTS lists.
     * LABEL is what Jenkins shows and the result's file is called by. What a command that failed had to
     * say is kept as a file, too, and the build fails.
     */
    Map<String, Object> run(String label, Map<String, Object> values, String command) {
        String name = results() + '/' + fileName(label)
        String file = "${name}.json"
        String errors = "${name}.error.json"
        int status = steps.withEnv(Variables.of(values + [result: file, errors: errors])) {
            steps.sh(
                label: "cictl ${label}".toString(),
                returnStatus: true,
                script: '''\
{ set +x; } 2> /dev/null
mkdir -p "${STEP_RESULT%/*}"
rm -f -- "$STEP_ERRORS"
export CICTL_ERROR_FILE="$STEP_ERRORS"
set --
for index in $STEP_ARGUMENTS; do eval "set -- \\"\\$@\\" \\"\\$STEP_ARGUMENT$index\\""; done
set -x
''' + command + ' > "$STEP_RESULT"',
            )
        }
        Map<String, Object> result = Json.read(printed(file))
        if (status != 0) {
            Map<String, Object> error = Json.read(printed(errors))
            String next = error.hint ? '; ' + oneLine(error.hint) : ''
            steps.error("${step}: cictl ${label}: ${reason(result, error, status)} (exit ${status})${next}")
        }
        return result
    }

    /** Return what the command called LABEL printed last, also where it failed; empty where it did not run. */
    Map<String, Object> result(String label) {
        return Json.read(printed(results() + '/' + fileName(label) + '.json'))
    }

    /** Make the results of the command called LABEL artefacts, though nobody may call notifyResult. */
    void keep(String label) {
        String name = fileName(label)
        steps.dir(results()) {
            steps.archiveArtifacts(artifacts: "${name}.json, ${name}.html".toString(), allowEmptyArchive: true)
        }
    }

    /** Make the results artefacts, once. */
    void keepResults() {
        steps.dir(results()) {
            steps.archiveArtifacts(artifacts: '*.json, *.html, junit/**', allowEmptyArchive: true)
            steps.deleteDir()
        }
    }

    /** The folder of this build's results: outside of the checkout, so that no image and no `git status` sees them. */
    String results() {
        return steps.pwd(tmp: true) + '/cictl/' + steps.env.BUILD_NUMBER
    }

    private String fileName(String label) {
        return label.replaceAll('[^A-Za-z0-9.]+', '-')
    }

    private String printed(String file) {
        return steps.fileExists(file) ? steps.readFile(file: file, encoding: 'UTF-8') : ''
    }

    /** The result's own reason, else what cictl said last, in one line. */
    private String reason(Map<String, Object> result, Map<String, Object> error, int status) {
        String rolledBack = status == GATE_UNHEALTHY && result.phase == 'rolled-back' ? 'rolled back: ' : ''
        String why = result.why ?: error.message ?: result.reason ?: MEANINGS[status] ?: 'it failed'
        return rolledBack + oneLine(why)
    }

    private String oneLine(String text) {
        return text.replaceAll('\\s*\\n\\s*', '; ')
    }
}
