package dev.cictl

/** An agent made ready for cictl: the program, the platform's configuration and the folder's credentials. */
class Workbench implements Serializable {
    private static final long serialVersionUID = 1L
    private static final String PLATFORM_FILE = 'shared-lib/resources/dev/cictl/platform.json'
    /** What a build goes by before it has cictl.yaml. */
    private static final List<String> NEEDED_BEFORE = ['repo', 'branch', 'credentials', 'agentLabel']

    final Object steps
    final Map<String, Object> options
    /** What the library brings along; within the block, what cictl.yaml says. */
    Map<String, Object> platform

    Workbench(Object steps, Map<String, Object> options, Map<String, Object> platform) {
        this.steps = steps
        this.options = options
        this.platform = platform
    }

    /** Run BODY there, and take away afterwards what was written for it. */
    Object run(Closure body) {
        String folder = steps.pwd(tmp: true) + '/cictl'
        List<String> variables = configuration(folder) + program(folder)
        return steps.withEnv(variables) {
            askConfiguration()
            withKubeconfig { withRegistry(folder, body) }
        }
    }

    /** The platform's cictl.yaml, fetched where the checkout has none, and the service that the checkout is. */
    private List<String> configuration(String folder) {
        List<String> variables = []
        boolean isHere = steps.env.CICTL_CONFIG || steps.fileExists('cictl.yaml')
        if (!isHere && platform.repo) {
            steps.dir("${folder}/platform") {
                steps.checkout(changelog: false, poll: false, scm: repository())
            }
            variables.add("CICTL_CONFIG=${folder}/platform/cictl.yaml".toString())
        }
        if (!isHere && options.service && steps.fileExists('service.yaml')) {
            String name = options.service.toUpperCase().replaceAll('[^A-Z0-9]+', '_')
            variables.add("CICTL_SERVICES_${name}_PATH=${steps.pwd()}".toString())
        }
        return variables
    }

    /** What the library brings along was written down some time before: cictl.yaml, where there is one, wins. */
    private void askConfiguration() {
        if (!steps.env.CICTL_CONFIG && !steps.fileExists('cictl.yaml')) {
            return
        }
        String command = 'cictl config library'
        Map<String, Object> asked = Json.read(steps.sh(label: command, returnStdout: true, script: command))
        List<String> old = []
        for (String name : NEEDED_BEFORE) {
            if (asked.containsKey(name) && asked[name] != platform[name]) {
                old.add("${name} (${platform[name]}, now ${asked[name]})".toString())
            }
        }
        if (old) {
            steps.echo("WARNING: the library's platform.json is older than cictl.yaml: ${old.join(', ')}; ".toString() +
                "in the library's repository run '${command} --save ${PLATFORM_FILE}' and commit".toString())
        }
        platform = platform + asked
    }

    private Map<String, Object> repository() {
        Map<String, Object> remote = [url: platform.repo]
        if (platform.credentials) {
            remote.credentialsId = platform.credentials
        }
        List<Map> branches = [[name: "refs/heads/${platform.branch}".toString()]]
        return [$class: 'GitSCM', branches: branches, userRemoteConfigs: [remote]]
    }

    /** The folder of a cictl of the right version: one on PATH, else one of the agent's cache. */
    private List<String> program(String folder) {
        String version = options.version ?: platform.version
        String source = steps.fileExists('cli/cictl/root.py') ? steps.pwd() : "${folder}/platform"
        String place = steps.withEnv(Variables.of([version: version, source: source])) {
            steps.sh(label: "cictl ${version}", returnStdout: true, script: steps.libraryResource('dev/cictl/provide.sh'))
        }
        place = place == null ? '' : place.trim()
        return place ? ["PATH+CICTL=${place}".toString()] : []
    }

    private Object withKubeconfig(Closure body) {
        String id = options.kubeconfig ?: (options.clusters ? platform.kubeconfig : null)
        if (!id) {
            return body()
        }
        return steps.withCredentials([steps.file(credentialsId: id, variable: 'KUBECONFIG')]) { body() }
    }

    /** Docker's configuration, readable by this build alone and gone with it: the password is in no command line. */
    private Object withRegistry(String folder, Closure body) {
        String id = options.registry ?: (options.push ? platform.registry : null)
        if (!id) {
            return body()
        }
        String place = "${folder}/docker-${steps.env.BUILD_NUMBER}"
        Closure signedIn = {
            signIn(id, place)
            steps.withEnv(["DOCKER_CONFIG=${place}".toString()]) { body() }
        }
        return new Lastly(steps).after(signedIn) {
            steps.withEnv(Variables.of([place: place])) {
                steps.sh(label: 'sign out of the registry', script: 'rm -rf -- "$STEP_PLACE"')
            }
        }
    }

    private void signIn(String id, String place) {
        Object login = steps.usernamePassword(
            credentialsId: id,
            usernameVariable: 'REGISTRY_USER',
            passwordVariable: 'REGISTRY_PASSWORD',
        )
        steps.withCredentials([login]) {
            steps.withEnv(Variables.of([place: place, registry: platform.registryUrl ?: ''])) {
                steps.sh(label: 'sign in at the registry', script: steps.libraryResource('dev/cictl/sign-in.sh'))
            }
        }
    }
}
