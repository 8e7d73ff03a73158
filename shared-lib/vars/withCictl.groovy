import dev.cictl.Cictl
import dev.cictl.Platform
import dev.cictl.Workbench

/** Runs a block where cictl, the platform's configuration and the folder's credentials are there. */
Object call(Map args = [:], Closure body) {
    Map options = new Cictl(this, 'withCictl').options([
        version: 'text',
        service: 'name',
        clusters: 'flag',
        push: 'flag',
        kubeconfig: 'text',
        registry: 'text',
    ], args)
    return new Workbench(this, options, Platform.of(this)).run(body)
}
