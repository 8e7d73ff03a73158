package org.jenkinsci.plugins.scriptsecurity.sandbox;

/** What the sandbox refuses, under the name and in the words of Jenkins. */
public final class RejectedAccessException extends SecurityException {
    private static final long serialVersionUID = 1L;

    public RejectedAccessException(String signature) {
        super("Scripts not permitted to use " + signature);
    }
}
