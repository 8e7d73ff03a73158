import dev.cictl.Cictl
import dev.cictl.Rollout

/** Brings an earlier release back at once, whoever drives a rollout just then. */
Map call(Map args = [:]) {
    Cictl cictl = new Cictl(this, 'rollbackRelease')
    Map options = cictl.options([
        service: 'required name',
        environment: 'required name',
        reason: 'required text',
        revision: 'number',
    ], args)
    String label = "rollout undo ${options.service} ${options.environment}"
    return new Rollout(cictl).undo(label, options, '''\
cictl rollout undo -o json --env="$STEP_ENVIRONMENT" ${STEP_REVISION:+--to-revision="$STEP_REVISION"} \\
  --take-over --reason="$STEP_REASON" -- "$STEP_SERVICE"''')
}
