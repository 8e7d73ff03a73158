import dev.cictl.Cictl
import dev.cictl.Lastly
import dev.cictl.Optionally
import dev.cictl.Summary

/** Runs a block, and tells how it ended: with the reason where it failed. */
Object call(Map args = [:], Closure body) {
    return new Lastly(this).after(body) { Exception problem ->
        notifyResult(args + [failure: problem ? Summary.reason(problem) : null])
    }
}

/** Puts results where people look: the build's description, its artefacts and the commit. */
Map call(Map args = [:]) {
    Cictl cictl = new Cictl(this, 'notifyResult')
    Map options = cictl.options([images: 'images', description: 'text', verdict: 'text', failure: 'text'], args)
    String summary = Summary.of(options)
    String result = options.failure ? 'FAILURE' : currentBuild.currentResult
    if (summary) { currentBuild.description = summary }
    cictl.keepResults()
    String conclusion = result == 'SUCCESS' ? result : 'FAILURE'
    Map check = [name: 'cictl', title: result, summary: summary ?: result, conclusion: conclusion]
    new Optionally(this).attempt('publishChecks', check)
    return [result: result, description: summary]
}
