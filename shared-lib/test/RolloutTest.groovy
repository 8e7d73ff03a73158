import dev.cictl.test.InEachForm
import org.junit.Test

/** What becomes of a rollout whose build is aborted. */
class RolloutTest extends InEachForm {
    static final Map<String, Object> ASKED = [service: 'checkout', environment: 'production', image: 'r.example/a@sha256:b']

    @Test
    void 'an aborted build takes its rollout back, and stays aborted'() {
        build.interruptAt = 'cictl rollout start'
        assert problem { build.step('deployService', ASKED) } == 'FlowInterruptedException'
        assert build.commandLines() == [['rollout', 'abort', '-o', 'json', '--env=production', '--', 'checkout']]
    }

    @Test
    void 'or leaves it to go on, and says how'() {
        build.interruptAt = 'cictl rollout start'
        assert problem { build.step('deployService', ASKED + [onAbort: 'leave']) } == 'FlowInterruptedException'
        assert build.commandLines() == []
        assert build.log == ["deployService: the rollout of checkout goes on; 'cictl rollout resume' drives it"]
    }

    @Test
    void 'where the agent is gone, the build ends as it would have, and says what to do'() {
        build.interruptAt = 'cictl rollout start'
        build.answer('rollout-abort', [:], 7)
        assert problem { build.step('deployService', ASKED) } == 'FlowInterruptedException'
        assert build.log.last().startsWith('deployService: it is not taken back: ')
    }

    @Test
    void 'a failed rollout is not taken back twice'() {
        build.answer('rollout-start', [why: 'no traffic'], 11)
        problem { build.step('deployService', ASKED) }
        assert build.commandLines().size() == 1
    }

    @Test
    void 'an aborted promotion is taken back, an aborted plan is not'() {
        Map<String, Object> asked = [service: 'checkout', environment: 'production']
        build.interruptAt = 'cictl promote'
        problem { build.step('promoteRelease', asked) }
        build.interruptAt = 'cictl promote'
        problem { build.step('promoteRelease', asked + [planOnly: true]) }
        assert build.commandLines()*.take(2) == [['rollout', 'abort']]
    }
}
