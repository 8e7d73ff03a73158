import dev.cictl.Cictl

/** Pushes the image of a service. */
Map call(Map args = [:]) {
    Cictl cictl = new Cictl(this, 'pushImage')
    Map options = cictl.options([service: 'required name', tag: 'text'], args)
    return cictl.run(
        "image push ${options.service}".toString(),
        options,
        'cictl image push -o json ${STEP_TAG:+--tag="$STEP_TAG"} -- "$STEP_SERVICE"',
    )
}
