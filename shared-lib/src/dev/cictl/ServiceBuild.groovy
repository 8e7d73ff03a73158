package dev.cictl

/** The pipeline of one repository: build, test, scan and push its services, and have those of the main branch deployed. */
class ServiceBuild implements Serializable {
    private static final long serialVersionUID = 1L
    private static final String KEPT_BUILDS = '30'
    private static final int MINUTES = 60

    final Object steps
    final Map<String, Object> options
    private Map<String, Object> platform
    private boolean hasJobs

    ServiceBuild(Object steps, Map<String, Object> options, Map<String, Object> platform) {
        this.steps = steps
        this.options = options
        this.platform = platform
    }

    void run() {
        declare()
        Closure timestamped = { steps.withEnv(['CICTL_LOG_TIMES=no']) { buildAndDeploy() } }
        new Optionally(steps).within('timestamps', [:], timestamped, { buildAndDeploy() })
    }

    private void buildAndDeploy() {
        Map<String, String> images = [:]
        steps.timeout(time: options.minutes ?: MINUTES, unit: 'MINUTES') {
            steps.node(options.agent ?: platform.agentLabel ?: '') { images = build() }
        }
        deploy(images)
    }

    /** What a multibranch project cannot say of its branches; only where nothing is rolled out is a build cut short. */
    private void declare() {
        if (!steps.env.BRANCH_NAME) {
            return
        }
        List properties = [steps.buildDiscarder(steps.logRotator(numToKeepStr: KEPT_BUILDS))]
        if (!isMain()) {
            properties.add(steps.disableConcurrentBuilds(abortPrevious: true))
        }
        steps.properties(properties)
    }

    private boolean isMain() {
        return steps.env.BRANCH_NAME == (options.mainBranch ?: 'main') && !steps.env.CHANGE_ID
    }

    private Map<String, String> build() {
        Map<String, String> images = [:]
        String commit = null
        hasJobs = steps.env.HUDSON_SERVER_COOKIE != null
        steps.stage('Checkout') {
            Object checkout = steps.checkout(steps.scm)
            commit = checkout instanceof Map ? checkout.GIT_PREVIOUS_SUCCESSFUL_COMMIT : null
        }
        Workbench bench = new Workbench(steps, tools(), platform)
        bench.run {
            platform = bench.platform
            steps.notifyResult(images: images) {
                each(services(commit)) { String service -> images[service] = image(service) }
            }
        }
        return images
    }

    private Map<String, Object> tools() {
        Map<String, Object> tools = [:]
        if (options.service) {
            tools.service = options.service
        }
        if (pushes()) {
            tools.push = true
        }
        return tools
    }

    /** The named service, else those that the push concerns: none is a build with nothing to do. */
    private List<String> services(String commit) {
        if (options.service) {
            return [options.service]
        }
        Map<String, Object> since = commit ? [since: commit] : [:]
        List<String> changed = steps.changedServices(since).services
        String when = commit ? " since ${commit.take(12)}, the last successful build" : ''
        steps.echo(changed ? "changed${when}: ${changed.join(', ')}" : "no service has changed${when}")
        return changed
    }

    /** Run TODO for each service: one in stages, several side by side. */
    private void each(List<String> services, Closure todo) {
        if (services.size() == 1) {
            todo(services[0])
            return
        }
        Map<String, Object> branches = [:]
        for (String service : services) {
            String name = service
            branches[name] = { todo(name) }
        }
        if (branches) {
            steps.parallel(branches)
        }
    }

    /** Return the image of SERVICE by digest; null where the branch pushes none. */
    private String image(String service) {
        Map<String, Object> one = [service: service]
        steps.stage(called('Build', service)) {
            String tag = tagOf(steps.buildImage(one))
            if (tag) {
                one.tag = tag
            }
        }
        steps.stage(called('Test', service)) { steps.testImage(one) }
        if (!pushes()) {
            return null
        }
        String image = null
        steps.stage(called('Push', service)) { image = steps.pushImage(one).image ?: service }
        if ((options.scan == null ? platform.scan : options.scan)) {
            steps.stage(called('Scan', service)) { steps.scanImage(image: image, sbom: options.sbom) }
        }
        return image
    }

    private String called(String stage, String service) {
        return options.service ? stage : "${stage} ${service}"
    }

    private String tagOf(Map<String, Object> built) {
        return built.tag
    }

    private boolean pushes() {
        return isMain()
    }

    private void deploy(Map<String, String> images) {
        String environment = options.environment ?: platform.environment
        if (!images || !isMain() || options.deploy == 'never') {
            return
        }
        if (!environment) {
            steps.error("servicePipeline: no environment to deploy to; name one: environment: 'staging'")
        }
        List<String> services = []
        services.addAll(images.keySet())
        // Outside of Jenkins, which a build knows by its cookie, there is no job that may: this build does it.
        if (options.deploy == 'here' || !hasJobs) {
            deployHere(services, environment, images)
            return
        }
        each(services) { String service ->
            steps.stage(called('Deploy', service)) { deployByJob(service, environment, images[service]) }
        }
    }

    private void deployHere(List<String> services, String environment, Map<String, String> images) {
        Map<String, Object> tools = options.service ? [clusters: true, service: options.service] : [clusters: true]
        steps.node(options.agent ?: platform.agentLabel ?: '') {
            steps.checkout(steps.scm)
            steps.withCictl(tools) {
                steps.notifyResult(images: images, verdict: environment) {
                    each(services) { String service ->
                        steps.stage(called('Deploy', service)) {
                            steps.deployService(service: service, environment: environment, image: images[service])
                        }
                    }
                }
            }
        }
    }

    private void deployByJob(String service, String environment, String image) {
        steps.build(
            job: options.deployJob ?: "../../deploy/${service}-${environment}".toString(),
            parameters: [
                steps.string(name: 'SERVICE', value: service),
                steps.string(name: 'ENVIRONMENT', value: environment),
                steps.string(name: 'IMAGE', value: image),
            ],
        )
    }
}
