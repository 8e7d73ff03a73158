import dev.cictl.test.Form
import dev.cictl.test.InEachForm
import org.junit.Test

/** Each step calls cictl once, as asked, and returns what it prints. */
class StepsTest extends InEachForm {
    static final String DIGEST = 'r.example/shop/checkout@sha256:' + 'a' * 64
    static final String HOSTILE = '$(touch injected) `touch injected` $HOME ${PATH} $$ ; "\' \\ \n*~ ümlaut 漢字 -'
    static final Map<String, Object> WHERE = [service: 'checkout', environment: 'staging']

    static final List<List<Object>> CASES = [
        ['buildImage', [service: 'checkout'], ['image', 'build', '-o', 'json', '--', 'checkout']],
        ['buildImage', [service: 'checkout', tag: 't', target: 'x', buildArgs: [A: '1 2', B: HOSTILE]],
         ['image', 'build', '-o', 'json', '--tag=t', '--target=x', '--build-arg=A=1 2', '--build-arg=B=' + HOSTILE,
          '--', 'checkout']],
        ['testImage', [service: 'checkout', tag: HOSTILE, timeout: '5m'],
         ['image', 'test', '-o', 'json', '--junit-dir=JUNIT', '--tag=' + HOSTILE, '--timeout=5m', '--', 'checkout']],
        ['testImage', [service: 'checkout', target: 'test', buildArgs: [A: 'b']],
         ['image', 'test', '-o', 'json', '--junit-dir=JUNIT', '--target=test', '--build-arg=A=b', '--', 'checkout']],
        ['pushImage', [service: 'checkout'], ['image', 'push', '-o', 'json', '--', 'checkout']],
        ['pushImage', [service: 'checkout', tag: HOSTILE], ['image', 'push', '-o', 'json', '--tag=' + HOSTILE, '--', 'checkout']],
        ['scanImage', [image: DIGEST], ['image', 'scan', '-o', 'json', '--save=SAVE', '--', DIGEST]],
        ['scanImage', [image: '--help' + HOSTILE, report: 'trivy.json', scanner: 'trivy', timeout: '1m'],
         ['image', 'scan', '-o', 'json', '--save=SAVE', '--report=trivy.json', '--scanner=trivy', '--timeout=1m', '--',
          '--help' + HOSTILE]],
        ['changedServices', [:], ['services', 'changed', '-o', 'json']],
        ['changedServices', [since: HOSTILE], ['services', 'changed', '-o', 'json', '--since=' + HOSTILE]],
        ['deployService', WHERE + [image: DIGEST],
         ['rollout', 'start', '-o', 'json', '--resume', '--env=staging', '--image=' + DIGEST, '--', 'checkout']],
        ['deployService', WHERE + [image: HOSTILE, strategy: 'careful', gate: 'default', onAbort: 'leave'],
         ['rollout', 'start', '-o', 'json', '--resume', '--env=staging', '--image=' + HOSTILE, '--strategy=careful',
          '--gate=default', '--', 'checkout']],
        ['deployCanary', WHERE + [image: DIGEST, strategy: 'careful'],
         ['rollout', 'start', '-o', 'json', '--resume', '--env=staging', '--image=' + DIGEST, '--strategy=careful', '--',
          'checkout']],
        ['healthGate', WHERE, ['gate', 'check', '-o', 'json', '--env=staging', '--', 'checkout']],
        ['healthGate', WHERE + [gate: 'default', window: '10m'],
         ['gate', 'check', '-o', 'json', '--env=staging', '--gate=default', '--window=10m', '--', 'checkout']],
        ['promoteRelease', WHERE, ['promote', '-o', 'json', '--resume', '--to=staging', '--', 'checkout']],
        ['promoteRelease', WHERE + [release: 3, allowOlder: true, approvedBy: HOSTILE],
         ['promote', '-o', 'json', '--resume', '--to=staging', '--release=3', '--allow-older', '--approved-by=' + HOSTILE, '--', 'checkout']],
        ['promoteRelease', WHERE + [digest: 'sha256:' + 'a' * 64, allowOlder: false, planOnly: true],
         ['promote', '-o', 'json', '--resume', '--to=staging', '--digest=sha256:' + 'a' * 64, '--plan', '--', 'checkout']],
        ['rollbackRelease', WHERE + [reason: HOSTILE],
         ['rollout', 'undo', '-o', 'json', '--env=staging', '--take-over', '--reason=' + HOSTILE, '--', 'checkout']],
        ['rollbackRelease', WHERE + [reason: 'r', revision: 4],
         ['rollout', 'undo', '-o', 'json', '--env=staging', '--to-revision=4', '--take-over', '--reason=r', '--', 'checkout']],
    ]

    @Test
    void 'calls cictl once, with every value as it is'() {
        CASES.each { String step, Map args, List<String> expected ->
            begin()
            build.step(step, args)
            List<List<String>> lines = build.commandLines()
            assert lines.size() == 1 : step
            assert lines[0].collect { it.replaceAll('(?s)^(--junit-dir|--save)=/.*', '$1=') } ==
                expected.collect { it.replaceAll('=(JUNIT|SAVE)$', '=') } : step
            assert !new File(build.folder, 'injected').exists() : step
        }
    }

    @Test
    void 'a scan lists what the image is made of where that is asked for'() {
        build.step('scanImage', [image: DIGEST, sbom: true, timeout: '2m'])
        List<List<String>> lines = build.commandLines()
        assert lines*.take(2) == [['image', 'sbom'], ['image', 'scan']]
        assert lines[0].findAll { !it.startsWith('--save=') } == ['image', 'sbom', '-o', 'json', '--timeout=2m', '--', DIGEST]
        assert lines[0].any { it.endsWith('.cdx.json') }
    }

    @Test
    void 'returns what cictl prints, also with texts of other scripts'() {
        Map<String, Object> printed = [kind: 'Image', image: DIGEST, note: 'größer 漢字', deep: [[a: 1.5, b: [true, null]]]]
        build.answer('image-push', printed)
        assert build.step('pushImage', [service: 'checkout']) == printed
    }

    @Test
    void 'keeps results and reports out of the checkout'() {
        build.answer('image-test', [passed: true])
        build.step('testImage', [service: 'checkout'])
        assert build.folder.list() == [] as String[]
        assert new File(build.temporary, 'cictl/7/image-test-checkout.json').exists()
        assert build.argumentsOf('junit') == [[testResults: 'junit/checkout/**/*.xml', allowEmptyResults: true]]
    }

    @Test
    void 'a failure names the step, the command, the reason and the exit code'() {
        build.answer('image-push', [:], 7)
        String said = problem { build.step('pushImage', [service: 'checkout']) }
        assert said == 'pushImage: cictl image push checkout: a system does not answer (exit 7)'
    }

    @Test
    void 'a refusal says what to do next'() {
        build.answer('promote', [:], 5)
        build.explain('promote', 'dana may not approve', 'ask erin\n  or frank')
        String said = problem { build.step('promoteRelease', WHERE + [approvedBy: 'dana']) }
        assert said == 'promoteRelease: cictl promote checkout staging: dana may not approve (exit 5); ask erin; or frank'
    }

    @Test
    void 'the trace shows the command, and not how its words were made'() {
        build.step('buildImage', [service: 'checkout', buildArgs: [A: 'b']])
        String trace = new File(build.root, 'trace').text
        assert trace.startsWith('+ cictl image build') : trace
        assert trace.contains('--build-arg=A=b')
    }

    @Test
    void 'a gate that takes a release back says why'() {
        build.answer('rollout-start', [phase: 'rolled-back', why: 'error-rate 4.1 % is over 1 %'], 10)
        String said = problem { build.step('deployService', WHERE + [image: DIGEST]) }
        assert said == 'deployService: cictl rollout start checkout staging: ' +
            'rolled back: error-rate 4.1 % is over 1 % (exit 10)'
    }

    @Test
    void 'failing tests are reported all the same'() {
        build.answer('image-test', [passed: false], 9)
        problem { build.step('testImage', [service: 'checkout']) }
        assert build.argumentsOf('junit').size() == 1
    }

    @Test
    void 'an agent that dies is the reason, and not that nothing can be done on it any more'() {
        build.loseAgentAt = 'cictl image test'
        assert problem { build.step('testImage', [service: 'checkout']) } == 'agent a-1 went offline'
        assert build.echoed == ['and what comes last failed, too: Unable to run pwd: no agent']
    }

    @Test
    void 'what comes last fails the build where nothing else did'() {
        build.missing.add('junit')
        assert problem { build.step('testImage', [service: 'checkout']) }.contains("No such DSL method 'junit'")
    }

    @Test
    void 'an agent without cictl says so'() {
        build.env.PATH = '/usr/bin:/bin'
        String said = problem { build.step('pushImage', [service: 'checkout']) }
        assert said.endsWith('there is no cictl on PATH; use withCictl (exit 127)')
    }

    @Test
    void 'nothing printed is an empty result, as when commands are only shown'() {
        assert build.step('pushImage', [service: 'checkout']) == [:]
        assert build.step('changedServices', [:]) == [services: []]
    }
}
