import dev.cictl.test.InEachForm
import org.junit.Test

/** The order of builds that change the same thing. */
class OneAtATimeTest extends InEachForm {
    @Test
    void 'a milestone stands before and after the lock, which the newest gets first'() {
        build.step('oneAtATime', 'checkout in staging', { -> build.log.add('body') })
        assert build.stepNames() == ['milestone', 'lock', 'milestone']
        assert build.argumentsOf('lock') == [[resource: 'checkout in staging', inversePrecedence: true]]
        assert build.log == ['milestone', 'lock checkout in staging', 'milestone', 'body']
    }

    @Test
    void 'without the lock plugin the block runs all the same, once'() {
        build.missing.add('lock')
        build.step('oneAtATime', 'checkout in staging', { -> build.log.add('body') })
        assert build.log == ['milestone', "this Jenkins has no step 'lock'; going on without it", 'milestone', 'body']
    }

    @Test
    void 'a step that is missing twice is named once'() {
        build.missing.add('milestone')
        build.step('oneAtATime', 'x', { -> build.log.add('body') })
        assert build.log == ["this Jenkins has no step 'milestone'; going on without it", 'lock x', 'body']
    }

    @Test
    void 'a step that the block lacks is its own failure'() {
        String said = problem {
            build.step('oneAtATime', 'x', { ->
                build.log.add('body')
                throw new NoSuchMethodError("No such DSL method 'nothing' found among steps")
            })
        }
        assert said.contains("'nothing'") && build.log.count('body') == 1
    }
}
