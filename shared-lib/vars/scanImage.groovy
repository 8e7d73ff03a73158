import dev.cictl.Cictl

/** Looks for known vulnerabilities of an image. */
Map call(Map args = [:]) {
    Cictl cictl = new Cictl(this, 'scanImage')
    Map options = cictl.options([
        image: 'required text',
        report: 'text',
        scanner: 'trivy|grype',
        timeout: 'text',
        sbom: 'flag',
    ], args)
    String name = options.image.replaceAll('@.*', '').replaceAll('.*/', '').replaceAll('[^A-Za-z0-9.]+', '-')
    if (options.sbom) {
        cictl.run("image sbom ${name}".toString(), options + [save: "${cictl.results()}/sbom-${name}.cdx.json".toString()], '''\
cictl image sbom -o json --save="$STEP_SAVE" ${STEP_TIMEOUT:+--timeout="$STEP_TIMEOUT"} -- "$STEP_IMAGE"''')
    }
    Map values = options + [save: "${cictl.results()}/scan-report-${name}.json".toString()]
    return cictl.run("image scan ${name}".toString(), values, '''\
cictl image scan -o json --save="$STEP_SAVE" ${STEP_REPORT:+--report="$STEP_REPORT"} \\
  ${STEP_SCANNER:+--scanner="$STEP_SCANNER"} ${STEP_TIMEOUT:+--timeout="$STEP_TIMEOUT"} -- "$STEP_IMAGE"''')
}
