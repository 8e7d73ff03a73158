import dev.cictl.BuildArguments
import dev.cictl.Cictl
import dev.cictl.Lastly

/** Runs the tests of a service inside its image. */
Map call(Map args = [:]) {
    Cictl cictl = new Cictl(this, 'testImage')
    Map options = cictl.options([
        service: 'required name',
        tag: 'text',
        target: 'text',
        buildArgs: 'settings',
        timeout: 'text',
    ], args)
    String reports = "junit/${options.service}"
    Map values = BuildArguments.spread(options) + [junit: "${cictl.results()}/${reports}".toString()]
    Closure test = {
        cictl.run("image test ${options.service}".toString(), values, '''\
cictl image test -o json --junit-dir="$STEP_JUNIT" ${STEP_TAG:+--tag="$STEP_TAG"} \\
  ${STEP_TARGET:+--target="$STEP_TARGET"} ${STEP_TIMEOUT:+--timeout="$STEP_TIMEOUT"} "$@" -- "$STEP_SERVICE"''')
    }
    return new Lastly(this).after(test) {
        dir(cictl.results()) {
            junit(testResults: "${reports}/**/*.xml", allowEmptyResults: true)
        }
    }
}
