import dev.cictl.Cictl
import dev.cictl.Rollout

/** Brings into an environment what ran healthy in the one before it. */
Map call(Map args = [:]) {
    Cictl cictl = new Cictl(this, 'promoteRelease')
    Map options = cictl.options([
        service: 'required name',
        environment: 'required name',
        release: 'number',
        digest: 'text',
        allowOlder: 'flag',
        approvedBy: 'text',
        planOnly: 'flag',
        onAbort: 'rollback|leave',
    ], args)
    String label = "${options.planOnly ? 'promote plan' : 'promote'} ${options.service} ${options.environment}"
    String command = '''\
cictl promote -o json --resume --to="$STEP_ENVIRONMENT" ${STEP_RELEASE:+--release="$STEP_RELEASE"} \\
  ${STEP_DIGEST:+--digest="$STEP_DIGEST"} ${STEP_ALLOW_OLDER:+--allow-older} \\
  ${STEP_APPROVED_BY:+--approved-by="$STEP_APPROVED_BY"} ${STEP_PLAN_ONLY:+--plan} -- "$STEP_SERVICE"'''
    return options.planOnly ? cictl.run(label, options, command) : new Rollout(cictl).run(label, options, command)
}
