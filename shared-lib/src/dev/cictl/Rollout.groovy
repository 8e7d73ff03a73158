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
        try {
            return cictl.run(label, values, command)
        } catch (InterruptedException stop) {
            if (values.onAbort == 'leave') {
                cictl.steps.echo("${cictl.step}: the rollout of ${values.service} goes on; 'cictl rollout resume' drives it")
            } else {
                takeBack(values)
            }
            throw stop
        }
    }

    /** An agent that is gone cannot take anything back: said, and the build ends as it would have. */
    private void takeBack(Map<String, Object> values) {
        cictl.steps.echo("${cictl.step}: the build was aborted; the rollout of ${values.service} is taken back")
        try {
            cictl.run(
                "rollout abort ${values.service} ${values.environment}",
                values,
                'cictl rollout abort -o json --env="$STEP_ENVIRONMENT" -- "$STEP_SERVICE"',
            )
        } catch (Exception problem) {
            cictl.steps.echo("${cictl.step}: it is not taken back: ${problem.message}; run 'cictl rollout abort'")
        }
    }
}
