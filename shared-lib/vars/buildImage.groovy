import dev.cictl.BuildArguments
import dev.cictl.Cictl

/** Builds the image of a service. */
Map call(Map args = [:]) {
    Cictl cictl = new Cictl(this, 'buildImage')
    Map options = cictl.options([
        service: 'required name',
        tag: 'text',
        target: 'text',
        buildArgs: 'settings',
    ], args)
    return cictl.run("image build ${options.service}".toString(), BuildArguments.spread(options), '''\
cictl image build -o json ${STEP_TAG:+--tag="$STEP_TAG"} ${STEP_TARGET:+--target="$STEP_TARGET"} "$@" -- "$STEP_SERVICE"''')
}
