package dev.cictl.test

/** RejectedAccessException in Jenkins. */
class Refused extends SecurityException {
    final String signature

    Refused(String signature) {
        super("Scripts not permitted to use ${signature}")
        this.signature = signature
    }
}
