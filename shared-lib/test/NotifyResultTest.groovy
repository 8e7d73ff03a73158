import dev.cictl.test.InEachForm
import org.junit.Test

/** Where results are seen. */
class NotifyResultTest extends InEachForm {
    static final String IMAGE = 'r.example/shop/checkout@sha256:' + 'a' * 64

    @Test
    void 'the description names services, digests and verdict'() {
        Map said = build.step('notifyResult', [images: [checkout: IMAGE, cart: null], verdict: 'healthy'])
        assert build.currentBuild.description == 'checkout sha256:aaaaaaaaaaaa, cart built and tested, healthy'
        assert said == [result: 'SUCCESS', description: build.currentBuild.description]
    }

    @Test
    void 'a description that is there stays where there is nothing to say'() {
        build.currentBuild.description = 'mine'
        build.step('notifyResult')
        assert build.currentBuild.description == 'mine'
    }

    @Test
    void 'the commit learns of the result, where a forge is asked'() {
        build.currentBuild.result = 'UNSTABLE'
        build.step('notifyResult', [description: 'promoted'])
        Map check = build.argumentsOf('publishChecks')[0]
        assert check.summary == 'promoted' && check.conclusion == 'FAILURE'
    }

    @Test
    void 'results and reports are artefacts, once'() {
        build.step('pushImage', [service: 'checkout'])
        build.step('notifyResult')
        assert new File(build.temporary, 'cictl').list() == [] as String[]
        assert build.argumentsOf('archiveArtifacts') == [[artifacts: '*.json, *.html, junit/**', allowEmptyArchive: true]]
    }

    @Test
    void 'a block that fails is told of with the reason, and fails the build'() {
        build.answer('rollout-start', [phase: 'rolled-back', why: 'error-rate: 3 of 9'], 10)
        String text = """Object call() {
            notifyResult(images: [checkout: '${IMAGE}'], verdict: 'staging') {
                deployService(service: 'checkout', environment: 'staging', image: '${IMAGE}')
            }
        }"""
        String told = problem { build.code(text, 'told') }
        assert told == 'deployService: cictl rollout start checkout staging: rolled back: error-rate: 3 of 9 (exit 10)'
        assert build.currentBuild.description == "checkout sha256:aaaaaaaaaaaa, ${told}"
        assert build.argumentsOf('publishChecks')*.conclusion == ['FAILURE']
        assert build.stepNames().contains('archiveArtifacts')
    }

    @Test
    void 'a block whose agent dies fails the build with that reason, which the description tells'() {
        build.loseAgentAt = 'cictl image push'
        String text = "Object call() { notifyResult { pushImage(service: 'checkout') } }"
        assert problem { build.code(text, 'told') } == 'agent a-1 went offline'
        assert build.currentBuild.description == 'agent a-1 went offline'
    }

    @Test
    void 'a block that ends well is told of with its verdict, and returns'() {
        String text = "Object call() { notifyResult(images: [checkout: '${IMAGE}'], verdict: 'staging') { 'done' } }"
        assert build.code(text, 'told') == 'done'
        assert build.currentBuild.description == 'checkout sha256:aaaaaaaaaaaa, staging'
    }
}
