package dev.cictl

/** A change of an environment from within a build, which may be aborted, or die and be run again. */
class Rollout implements Serializable {
    private static final long serialVersionUID = 1L

    final Cictl cictl

    Rollout(Cictl cictl) {
        this.cictl = cictl
    }

    /** Start the rollout that OPTIONS ask for; one of the same image that a dead build has left goes on. */
    Map<String, Object> start(Map<String, Object> options) {
        return run("rollout start ${options.service} ${options.environment}", options, '''\
cictl rollout start -o json --resume --env="$STEP_ENVIRONMENT" --image="$STEP_IMAGE" \\
  ${STEP_STRATEGY:+--strategy="$STEP_STRATEGY"} ${STEP_GATE:+--gate="$STEP_GATE"} -- "$STEP_SERVICE"''')
    }

    /** Run COMMAND as Cictl does; an aborted build takes its rollout back, or leaves it where ON_ABORT is 'leave'. */
    Map<String, Object> run(String label, Map<String, Object> values, String command) {
        return perform(label, values, command, true)
    }

    /** Run COMMAND, which goes back itself, as Cictl does. */
    Map<String, Object> undo(String label, Map<String, Object> values, String command) {
        return perform(label, values, command, false)
    }

    /** The report is made however the rollout ends: people look when it has failed. */
    private Map<String, Object> perform(String label, Map<String, Object> values, String command, boolean takesBack) {
        Map<String, Object> result = [:]
        try {
            result = cictl.run(label, values, command)
        } catch (InterruptedException stop) {
            reportFailed(label, values, takesBack ? stopped(values) : [:])
            throw stop
        } catch (Exception failure) {
            reportFailed(label, values, [:])
            throw failure
        }
        report(values, result)
        return result
    }

    private Map<String, Object> stopped(Map<String, Object> values) {
        if (values.onAbort == 'leave') {
            cictl.steps.echo("${cictl.step}: the rollout of ${values.service} goes on; 'cictl rollout resume' drives it")
            return [:]
        }
        return takeBack(values)
    }

    /** An agent that is gone cannot take anything back: said, and the build ends as it would have. */
    private Map<String, Object> takeBack(Map<String, Object> values) {
        cictl.steps.echo("${cictl.step}: the build was aborted; the rollout of ${values.service} is taken back")
        try {
            return cictl.run(
                "rollout abort ${values.service} ${values.environment}",
                values,
                'cictl rollout abort -o json --env="$STEP_ENVIRONMENT" -- "$STEP_SERVICE"',
            )
        } catch (Exception problem) {
            cictl.steps.echo("${cictl.step}: it is not taken back: ${problem.message}; run 'cictl rollout abort'")
            return [:]
        }
    }

    /** As report, for a build that has failed already: nothing, not even its being aborted, takes the place of that. */
    private void reportFailed(String label, Map<String, Object> values, Map<String, Object> ended) {
        try {
            report(values, ended ?: cictl.result(label))
        } catch (Exception problem) {
            sayMissing(problem)
        }
    }

    /** Make the report of the rollout that ENDED tells of an artefact; without one, the build ends as it would have. */
    private void report(Map<String, Object> values, Map<String, Object> ended) {
        if (ended.kind != 'RolloutOutcome') {
            return
        }
        String label = "rollout report ${values.service} ${values.environment}"
        try {
            cictl.run(label, values + [release: ended.release], '''\
cictl rollout report -o json --env="$STEP_ENVIRONMENT" --release="$STEP_RELEASE" \\
  --out="${STEP_RESULT%.json}.html" -- "$STEP_SERVICE"''')
            cictl.keep(label)
        } catch (InterruptedException stop) {
            throw stop
        } catch (Exception problem) {
            sayMissing(problem)
        }
    }

    private void sayMissing(Exception problem) {
        cictl.steps.echo("${cictl.step}: there is no report of the rollout: ${problem.message}")
    }
}
