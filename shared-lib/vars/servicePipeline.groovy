import dev.cictl.Cictl
import dev.cictl.Platform
import dev.cictl.ServiceBuild

/** The whole pipeline of a service, or of each changed service of a monorepo. */
void call(Map args = [:]) {
    Map options = new Cictl(this, 'servicePipeline').options([
        service: 'name',
        environment: 'name',
        mainBranch: 'text',
        agent: 'text',
        scan: 'flag',
        sbom: 'flag',
        deploy: 'job|here|never',
        deployJob: 'text',
        minutes: 'number',
    ], args)
    new ServiceBuild(this, options, Platform.of(this)).run()
}
