import dev.cictl.Optionally

/** Runs a block alone for each NAME, the newest build first; builds that a newer one has overtaken end. */
Object call(String name, Closure body) {
    Optionally optionally = new Optionally(this)
    optionally.attempt('milestone', [label: "waiting for ${name}".toString()])
    return optionally.within('lock', [resource: name, inversePrecedence: true]) {
        optionally.attempt('milestone', [label: "has ${name}".toString()])
        body()
    }
}
