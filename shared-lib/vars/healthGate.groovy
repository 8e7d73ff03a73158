import dev.cictl.Cictl

/** Judges what a service runs now. */
Map call(Map args = [:]) {
    Cictl cictl = new Cictl(this, 'healthGate')
    Map options = cictl.options([
        service: 'required name',
        environment: 'required name',
        gate: 'name',
        window: 'text',
    ], args)
    return cictl.run("gate check ${options.service} ${options.environment}".toString(), options, '''\
cictl gate check -o json --env="$STEP_ENVIRONMENT" ${STEP_GATE:+--gate="$STEP_GATE"} \\
  ${STEP_WINDOW:+--window="$STEP_WINDOW"} -- "$STEP_SERVICE"''')
}
