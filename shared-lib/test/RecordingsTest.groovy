import dev.cictl.test.Form
import dev.cictl.test.InEachForm
import dev.cictl.test.Refused
import groovy.json.JsonSlurperClassic
import java.nio.file.Files
import org.junit.Test

/**
 * The sandbox of these tests refuses and allows, call by call, what that of a real Jenkins did.
 *
 * Left out is a whole declarative pipeline: these tests have no such thing, `cictl pipeline run` has.
 */
class RecordingsTest {
    static final File RECORDINGS = new File(System.getProperty('recordings', '../../../shared/jenkins-contract/2.516.2'))
    static final String REFUSAL = /Scripts not permitted to use (.+?)\. Administrators/

    @Test
    void 'each call ends as it did there'() {
        List<List<String>> all = calls()
        List<String> differences = all.collect { String name, String code, String log ->
            List<String> here = outcome(name, code), there = recorded(log)
            here == there ? null : "${name}: ${code}\n  there ${there}\n  here  ${here}".toString()
        }
        assert all.size() > 40
        if (differences.any()) {
            throw new AssertionError((Object) differences.findAll().join('\n'))
        }
    }

    private static List<List<String>> calls() {
        List exchanges = new JsonSlurperClassic().parse(new File(RECORDINGS, 'folder-library.json')).exchanges
        return exchanges.findAll {
            it.request.path.endsWith('/consoleText') && it.why.startsWith('library code: ') && !it.why.contains(": declarative: ")
        }.collect {
            List<String> parts = it.why.split(': ', 3)
            [parts[1], parts[2], it.response.body]
        }
    }

    private static List<String> recorded(String log) {
        def refused = log =~ REFUSAL
        if (refused) {
            return ['refused', refused[0][1]]
        }
        if (log.contains('NotSerializableException')) {
            return ['not serializable']
        }
        def missing = log =~ /No such DSL method '(\w+)'/
        if (missing) {
            return ['no step', missing[0][1]]
        }
        def failed = log =~ /(?m)^ERROR: (.*)$/
        return failed ? ['failed', failed[0][1]] : ['said', *echoed(log)]
    }

    private static List<String> echoed(String log) {
        List<String> lines = log.readLines()
        return lines.findIndexValues { it == '[Pipeline] echo' }.collect { lines[(int) it + 1] }
    }

    private static List<String> outcome(String name, String code) {
        File root = Files.createTempDirectory('recording').toFile()
        def build = new dev.cictl.test.FakeBuild(Form.SANDBOX, Form.SANDBOX.library(library(new File(root, 'library'))), root)
        build.env.JOB_NAME = 'team/app'
        build.credentials['team-token'] = 's3cret'
        build.missing.add('lock')
        try {
            build.code(code, 'Recorded' + name.capitalize())
            return ['said', *build.echoed]
        } catch (Refused refused) {
            return ['refused', refused.signature]
        } catch (NotSerializableException unsaved) {
            return ['not serializable']
        } catch (NoSuchMethodError missing) {
            return ['no step', (missing.message =~ /'(\w+)'/)[0][1]]
        } catch (dev.cictl.test.BuildFailed failed) {
            return ['failed', failed.message]
        } finally {
            root.deleteDir()
        }
    }

    /** Make the library of the recordings, which some of the calls use. */
    private static File library(File made) {
        ['src/org/cictl/Plan.groovy': '''
            package org.cictl
            class Plan implements Serializable {
                String name
                Plan(String name) { this.name = name }
                String label() { "plan of ${name}" }
            }''',
         'src/org/cictl/Speaker.groovy': '''
            package org.cictl
            class Speaker implements Serializable {
                def steps
                Speaker(steps) { this.steps = steps }
                def say(String text) { steps.echo text }
            }''',
         'resources/cictl/note.txt': 'a note'].each { path, text ->
            File file = new File(made, path)
            file.parentFile.mkdirs()
            file.text = text.stripIndent()
        }
        return made
    }
}
