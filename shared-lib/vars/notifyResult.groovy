import dev.cictl.Cictl
import dev.cictl.Optionally
import dev.cictl.Summary

/** Puts results where people look: the build's description, its artefacts and the commit. */
Map call(Map args = [:]) {
    Cictl cictl = new Cictl(this, 'notifyResult')
    Map options = cictl.options([images: 'images', description: 'text', verdict: 'text'], args)
    String summary = Summary.of(options)
    String result = currentBuild.currentResult
    if (summary) {
        currentBuild.description = summary
    }
    dir(cictl.results()) {
        archiveArtifacts(artifacts: '*.json, *.html, junit/**', allowEmptyArchive: true)
        deleteDir()
    }
    new Optionally(this).attempt('publishChecks', [
        name: 'cictl',
        title: result,
        summary: summary ?: result,
        conclusion: result == 'SUCCESS' ? 'SUCCESS' : 'FAILURE',
    ])
    return [result: result, description: summary]
}
