import dev.cictl.test.InEachForm
import org.junit.Test

/** Options that do not fit are refused before anything is called. */
class OptionsTest extends InEachForm {
    static final List<List<Object>> CASES = [
        ['buildImage', [:], "buildImage: the option 'service' is missing"],
        ['buildImage', [sevice: 'checkout'], "buildImage: there is no option 'sevice'; did you mean 'service'?"],
        ['pushImage', [service: 'checkout', zzzzzz: 1], "pushImage: there is no option 'zzzzzz'; it takes service, tag"],
        ['buildImage', [service: 'checkout', Tag: 'a'], "buildImage: there is no option 'Tag'; did you mean 'tag'?"],
        ['buildImage', [service: 7], "buildImage: the option 'service' is to be a name: small letters, digits and hyphens, not 7"],
        ['buildImage', [service: '$(touch x)'],
         "buildImage: the option 'service' is to be a name: small letters, digits and hyphens, not '\$(touch x)'"],
        ['buildImage', [service: '../x'],
         "buildImage: the option 'service' is to be a name: small letters, digits and hyphens, not '../x'"],
        ['buildImage', [service: 'checkout', tag: ''], "buildImage: the option 'tag' is to be a text, not ''"],
        ['buildImage', [service: 'checkout', buildArgs: ['A=1']],
         "buildImage: the option 'buildArgs' is to be a map from names to texts, not [A=1]"],
        ['buildImage', [service: 'checkout', buildArgs: ['A;touch x': '1']],
         "buildImage: the option 'buildArgs' is to be a map from names to texts, not [A;touch x:1]"],
        ['promoteRelease', [service: 'a', environment: 'b', release: 'three'],
         "promoteRelease: the option 'release' is to be a whole number from 1 on, not 'three'"],
        ['promoteRelease', [service: 'a', environment: 'b', release: 0],
         "promoteRelease: the option 'release' is to be a whole number from 1 on, not 0"],
        ['rollbackRelease', [service: 'a', environment: 'b', reason: 'r', revision: 'abc'],
         "rollbackRelease: the option 'revision' is to be a whole number from 1 on, not 'abc'"],
        ['rollbackRelease', [service: 'a', environment: 'b', reason: 'r', revision: '9999999999'],
         "rollbackRelease: the option 'revision' is to be a whole number from 1 on, not '9999999999'"],
        ['promoteRelease', [service: 'a', environment: 'b', allowOlder: 'yes'],
         "promoteRelease: the option 'allowOlder' is to be true or false, not 'yes'"],
        ['deployService', [service: 'a', environment: 'b', image: 'c', onAbort: 'stop'],
         "deployService: the option 'onAbort' is to be one of rollback, leave, not 'stop'"],
        ['deployService', [service: 'a', environment: 'b', image: 'c', onAbort: 'back|lea'],
         "deployService: the option 'onAbort' is to be one of rollback, leave, not 'back|lea'"],
        ['deployCanary', [service: 'a', environment: 'b', image: 'c'], "deployCanary: the option 'strategy' is missing"],
        ['rollbackRelease', [service: 'a', environment: 'b'], "rollbackRelease: the option 'reason' is missing"],
        ['healthGate', [service: 'a'], "healthGate: the option 'environment' is missing"],
        ['scanImage', [image: 'a', scanner: 'snyk'], "scanImage: the option 'scanner' is to be one of trivy, grype, not 'snyk'"],
        ['changedServices', [since: 1], "changedServices: the option 'since' is to be a text, not 1"],
        ['notifyResult', [images: 'a'], "notifyResult: the option 'images' is to be a map from services to images, not 'a'"],
    ]

    @Test
    void 'what does not fit is named, with what would'() {
        CASES.each { String step, Map args, String expected ->
            begin()
            assert problem { build.step(step, args) } == expected
            assert build.stepNames() == ['error']
        }
    }

    @Test
    void 'what is null was not given, and a GString is a text'() {
        String name = 'out'
        build.step('buildImage', [service: "check${name}", tag: null])
        assert build.commandLines() == [['image', 'build', '-o', 'json', '--', 'checkout']]
    }

    @Test
    void 'a number may be a text, as parameters of jobs are'() {
        build.step('rollbackRelease', [service: 'a', environment: 'b', reason: 'r', revision: '12'])
        assert build.commandLines()[0].contains('--to-revision=12')
    }

    @Test
    void 'a long value is cut in the message'() {
        assert problem { build.step('buildImage', [service: 'A' * 500]) }.endsWith("not '" + 'A' * 80 + "…'")
    }
}
