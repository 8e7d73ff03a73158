import dev.cictl.test.BuildFailed
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

    static final Map<String, Object> ENDED = [kind: 'RolloutOutcome', release: 7, phase: 'succeeded']
    static final List<String> REPORT = ['rollout', 'report', '-o', 'json', '--env=production', '--release=7']
    static final String NAME = 'rollout-report-checkout-production'

    private List<String> reported() {
        List<String> line = build.commandLines().find { it[1] == 'report' }
        assert line == null || line[6] == "--out=${build.temporary.path}/cictl/7/${NAME}.html".toString()
        return line == null ? null : line.take(6) + line.drop(7)
    }

    @Test
    void 'the report of a rollout is an artefact, as HTML and as JSON'() {
        build.answer('rollout-start', ENDED)
        assert build.step('deployService', ASKED) == ENDED
        assert reported() == REPORT + ['--', 'checkout']
        assert build.argumentsOf('archiveArtifacts') == [[artifacts: "${NAME}.json, ${NAME}.html", allowEmptyArchive: true]]
    }

    @Test
    void 'also of one that was rolled back, promoted, or is an undo'() {
        Map<String, Object> where = [service: 'checkout', environment: 'production']
        [
            ['deployCanary', ASKED + [strategy: 'careful'], 'rollout-start', 10],
            ['promoteRelease', where + [release: 3], 'promote', 10],
            ['rollbackRelease', where + [reason: 'r'], 'rollout-undo', 0],
        ].each { String step, Map args, String command, int status ->
            begin()
            build.answer(command, ENDED + [why: 'errors'], status)
            try {
                build.step(step, args)
                assert status == 0 : step
            } catch (BuildFailed failed) {
                assert failed.message.contains('errors (exit 10)') : step
            }
            assert reported() == REPORT + ['--', 'checkout'] : step
            assert build.argumentsOf('archiveArtifacts').size() == 1 : step
        }
    }

    @Test
    void 'a report that cannot be made fails no build, and hides no reason'() {
        build.answer('rollout-report', [:], 7)
        build.answer('rollout-start', ENDED)
        assert build.step('deployService', ASKED) == ENDED
        assert build.log.last().startsWith('deployService: there is no report of the rollout: ')
        build.answer('rollout-start', ENDED + [phase: 'rolled-back', why: 'errors'], 10)
        assert problem { build.step('deployService', ASKED) }.endsWith('rolled back: errors (exit 10)')
    }

    @Test
    void 'nor does a build that is aborted while it is made'() {
        build.answer('rollout-start', ENDED + [why: 'errors'], 10)
        build.interruptAt = 'cictl rollout report'
        assert problem { build.step('deployService', ASKED) }.endsWith('errors (exit 10)')
        build.answer('rollout-start', ENDED)
        new File(build.standIn, 'rollout-start.status').delete()
        build.interruptAt = 'cictl rollout report'
        assert problem { build.step('deployService', ASKED) } == 'FlowInterruptedException'
        assert build.commandLines().every { it[1] == 'start' }
    }

    @Test
    void 'an aborted build has the report of what was taken back'() {
        build.interruptAt = 'cictl rollout start'
        build.answer('rollout-abort', ENDED + [phase: 'rolled-back'])
        assert problem { build.step('deployService', ASKED) } == 'FlowInterruptedException'
        assert reported() == REPORT + ['--', 'checkout']
    }

    @Test
    void 'an aborted undo takes nothing back'() {
        build.interruptAt = 'cictl rollout undo'
        Map<String, Object> asked = [service: 'checkout', environment: 'production', reason: 'r']
        assert problem { build.step('rollbackRelease', asked) } == 'FlowInterruptedException'
        assert build.commandLines() == []
    }

    @Test
    void 'where nothing was rolled out there is no report'() {
        [[:], [kind: 'RolloutPlan', release: 7, empty: true]].each { Map<String, Object> printed ->
            begin()
            build.answer('rollout-start', printed)
            build.step('deployService', ASKED)
            assert reported() == null
        }
    }
}
