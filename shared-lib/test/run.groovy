import dev.cictl.test.FakeBuild
import groovy.json.JsonOutput
import org.junit.runner.Description
import org.junit.runner.JUnitCore
import org.junit.runner.notification.Failure
import org.junit.runner.notification.RunListener

// Runs every *Test.groovy here, or those named; a line of JSON for each test, and the command lines of all of them.
List<String> names = args as List ?: new File('.').list().findAll { it.endsWith('Test.groovy') }.sort()*.minus('.groovy')
Map<String, String> failed = [:]
JUnitCore core = new JUnitCore()
core.addListener(new RunListener() {
    @Override
    void testFailure(Failure failure) {
        failed[failure.description.displayName] = failure.trace.readLines().findAll { !(it =~ /^\tat (java.base|org.junit|org.codehaus|groovy|jdk)/) }.take(60).join('\n')
    }

    long begun

    @Override
    void testStarted(Description test) {
        begun = System.nanoTime()
    }

    @Override
    void testFinished(Description test) {
        println JsonOutput.toJson([test: test.displayName, failure: failed.remove(test.displayName),
            milliseconds: (System.nanoTime() - begun).intdiv(1000000)])
    }
})
core.run(names.collect { this.class.classLoader.loadClass(it) } as Class[])
failed.each { name, failure -> println JsonOutput.toJson([test: name, failure: failure]) }
println JsonOutput.toJson([commandLines: FakeBuild.ALL_COMMAND_LINES])
System.exit(0)
