import dev.cictl.Cictl

/** Tells which services a push concerns. */
Map call(Map args = [:]) {
    Cictl cictl = new Cictl(this, 'changedServices')
    Map options = cictl.options([since: 'text'], args)
    Map result = cictl.run('services changed', options, '''\
cictl services changed -o json ${STEP_SINCE:+--since="$STEP_SINCE"}''')
    return result + [services: result.services ?: []]
}
