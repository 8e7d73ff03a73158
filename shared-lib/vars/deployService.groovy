import dev.cictl.Cictl
import dev.cictl.Rollout

/** Brings an image into an environment, as the environment's strategy says. */
Map call(Map args = [:]) {
    Cictl cictl = new Cictl(this, 'deployService')
    Map options = cictl.options([
        service: 'required name',
        environment: 'required name',
        image: 'required text',
        strategy: 'name',
        gate: 'name',
        onAbort: 'rollback|leave',
    ], args)
    return new Rollout(cictl).start(options)
}
