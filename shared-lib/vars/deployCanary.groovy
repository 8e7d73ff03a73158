import dev.cictl.Cictl
import dev.cictl.Rollout

/** Brings an image into an environment step by step, by a strategy that is named. */
Map call(Map args = [:]) {
    Cictl cictl = new Cictl(this, 'deployCanary')
    Map options = cictl.options([
        service: 'required name',
        environment: 'required name',
        image: 'required text',
        strategy: 'required name',
        gate: 'name',
        onAbort: 'rollback|leave',
    ], args)
    return new Rollout(cictl).start(options)
}
