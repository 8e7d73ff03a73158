package dev.cictl.test

import java.nio.file.Files
import org.junit.After
import org.junit.Before
import org.junit.runner.RunWith
import org.junit.runners.Parameterized
import org.junit.runners.Parameterized.Parameter
import org.junit.runners.Parameterized.Parameters

/** A test that is done three times: in plain Groovy, under Jenkins' transformation, and in the sandbox. */
@RunWith(Parameterized)
abstract class InEachForm {
    static final File LIBRARY = new File('..').canonicalFile

    @Parameter
    public Form form

    FakeBuild build
    private File root

    @Parameters(name = '{0}')
    static Collection<Object[]> forms() {
        return Form.values().collect { [it] as Object[] }
    }

    /** Make a new build; what the one before wrote goes, for a test may make several. */
    @Before
    void begin() {
        root?.deleteDir()
        root = Files.createTempDirectory('shared-lib').toFile()
        build = new FakeBuild(form, form.library(LIBRARY), root)
    }

    @After
    void end() {
        build.commandLines()
        root.deleteDir()
    }

    /** Call CODE, which must fail, and return what it says. */
    static String problem(Closure code) {
        try {
            code()
        } catch (Refused refused) {
            throw refused
        } catch (Exception | NoSuchMethodError problem) {
            return problem.message ?: problem.class.simpleName
        }
        throw new AssertionError('it did not fail')
    }
}
