import dev.cictl.test.InEachForm
import org.junit.Before
import org.junit.Test

/** The whole pipeline, by what it calls. */
class ServicePipelineTest extends InEachForm {
    static final String IMAGE = 'r.example/shop/checkout@sha256:' + 'a' * 64
    Map<String, Object> platform = [version: '0.1.0', environment: 'staging', scan: true]

    @Before
    void answers() {
        build.answer('image-build', [tag: 'c0ffee'])
        build.answer('image-push', [image: IMAGE])
        build.env.BRANCH_NAME = 'main'
    }

    private List<List<String>> run(Map<String, Object> options) {
        build.resources['dev/cictl/platform.json'] = groovy.json.JsonOutput.toJson(platform)
        build.step('servicePipeline', options)
        return build.commandLines()
    }

    private static List<String> names(List<List<String>> lines) {
        return lines*.take(2)*.join(' ')
    }

    @Test
    void 'main is built, tested, pushed, scanned and deployed by digest'() {
        List<List<String>> lines = run([service: 'checkout'])
        assert names(lines) == ['image build', 'image test', 'image push', 'image scan']
        assert lines[1].contains('--tag=c0ffee') && lines[2].contains('--tag=c0ffee')
        assert lines[3].last() == IMAGE
        assert build.argumentsOf('build') == [[job: '../../deploy/checkout-staging', parameters: [
            [name: 'SERVICE', value: 'checkout'], [name: 'ENVIRONMENT', value: 'staging'], [name: 'IMAGE', value: IMAGE],
        ]]]
        assert build.currentBuild.description == 'checkout sha256:aaaaaaaaaaaa'
    }

    @Test
    void 'the configuration decides, whatever the library brings along'() {
        new File(build.folder, 'cictl.yaml').text = 'version: 1\n'
        platform = [version: '0.1.0', environment: 'old', scan: false, registry: 'none', repo: 'https://old.example/p.git']
        build.answer('config-library', [environment: 'first', scan: true, registry: null, repo: 'https://new.example/p.git'])
        List<List<String>> lines = run([service: 'checkout'])
        assert names(lines) == ['config library', 'image build', 'image test', 'image push', 'image scan']
        assert build.argumentsOf('build')*.job == ['../../deploy/checkout-first']
        assert build.argumentsOf('usernamePassword') == []
        assert build.log.findAll { it.contains('platform.json') } == [
            "WARNING: the library's platform.json is older than cictl.yaml: repo (https://old.example/p.git, now " +
            "https://new.example/p.git); in the library's repository run 'cictl config library --save " +
            "shared-lib/resources/dev/cictl/platform.json' and commit",
        ]
    }

    @Test
    void 'a configuration that cannot be read stops the build'() {
        new File(build.folder, 'cictl.yaml').text = 'version: 1\n'
        build.answer('config-library', [:], 3)
        problem { run([service: 'checkout']) }
        assert names(build.commandLines()) == ['config library']
    }

    @Test
    void 'a branch is built and tested, and no more'() {
        build.env.BRANCH_NAME = 'feature/$(touch x)'
        assert names(run([service: 'checkout'])) == ['image build', 'image test']
        assert build.argumentsOf('build') == []
        assert build.currentBuild.description == 'checkout built and tested'
    }

    @Test
    void 'a pull request is, too, whatever its branch is called'() {
        build.env.CHANGE_ID = '7'
        assert names(run([service: 'checkout'])) == ['image build', 'image test']
    }

    @Test
    void 'a failing test stops it before the push, and the reports are kept'() {
        build.answer('image-test', [passed: false], 9)
        build.explain('image-test', '1 test failed\n  test_it')
        problem { run([service: 'checkout']) }
        assert names(build.commandLines()) == ['image build', 'image test']
        assert build.currentBuild.description == 'testImage: cictl image test checkout: 1 test failed; test_it (exit 9)'
        assert build.stepNames().containsAll(['junit', 'archiveArtifacts'])
    }

    @Test
    void 'a scan that finds something stops the deployment'() {
        build.answer('image-scan', [:], 9)
        problem { run([service: 'checkout']) }
        assert build.argumentsOf('build') == []
    }

    @Test
    void 'of many services those that changed are built side by side'() {
        build.answer('services-changed', [services: ['cart', 'checkout']])
        build.checkout = [GIT_PREVIOUS_SUCCESSFUL_COMMIT: 'b' * 40]
        platform.scan = false
        List<List<String>> lines = run([:])
        assert lines[0] == ['services', 'changed', '-o', 'json', '--since=' + 'b' * 40]
        assert names(lines).count('image push') == 2 && lines.count { it.contains('cart') } == 3
        assert build.log.findAll { it.startsWith('branch ') } == ['branch cart', 'branch checkout'] * 2
        assert build.argumentsOf('build')*.job == ['../../deploy/cart-staging', '../../deploy/checkout-staging']
    }

    @Test
    void 'where nothing changed, nothing is built or deployed'() {
        build.answer('services-changed', [services: []])
        assert names(run([:])) == ['services changed']
        assert build.argumentsOf('build') == [] && build.log.contains('no service has changed')
    }

    @Test
    void 'builds of other branches are cut short by newer ones, those of main never'() {
        run([service: 'checkout'])
        assert build.argumentsOf('disableConcurrentBuilds') == []
        begin()
        answers()
        build.env.BRANCH_NAME = 'other'
        run([service: 'checkout'])
        assert build.argumentsOf('disableConcurrentBuilds') == [[abortPrevious: true]]
    }

    @Test
    void 'it deploys itself where there are no deploy jobs'() {
        platform.kubeconfig = 'kube'
        build.credentials.kube = '/secrets/kubeconfig'
        List<List<String>> lines = run([service: 'checkout', deploy: 'here', scan: false])
        assert names(lines).last() == 'rollout start'
        assert build.currentBuild.description == 'checkout sha256:aaaaaaaaaaaa, staging'
        assert build.stepNames().count('archiveArtifacts') == 2
        assert new File(build.standIn, 'environment').text.contains('KUBECONFIG=/secrets/kubeconfig')
    }

    @Test
    void 'outside of Jenkins, too, whose cookie a build has'() {
        build.env.HUDSON_SERVER_COOKIE = null
        assert names(run([service: 'checkout', scan: false])).last() == 'rollout start'
    }

    @Test
    void 'the registry is signed in at where images are pushed, and nowhere else'() {
        platform.registry = 'push'
        build.credentials.push = [username: 'u', password: 'p']
        run([service: 'checkout'])
        assert build.argumentsOf('usernamePassword').size() == 1
        begin()
        answers()
        build.env.BRANCH_NAME = 'other'
        run([service: 'checkout'])
        assert build.argumentsOf('usernamePassword') == []
    }

    @Test
    void 'where the log has times, cictl gives none'() {
        run([service: 'checkout', scan: false])
        assert new File(build.standIn, 'environment').text.contains('CICTL_LOG_TIMES=no')
        begin()
        answers()
        build.missing.add('timestamps')
        run([service: 'checkout', scan: false])
        assert !new File(build.standIn, 'environment').text.contains('CICTL_LOG_TIMES')
    }

    @Test
    void 'steps that a Jenkins lacks are done without, and named'() {
        build.missing.addAll(['timestamps', 'publishChecks'])
        run([service: 'checkout'])
        assert build.log.contains("this Jenkins has no step 'timestamps'; going on without it")
    }
}
