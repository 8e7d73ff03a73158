package org.jenkinsci.plugins.workflow.support.steps.input;

import hudson.model.User;
import jenkins.model.CauseOfInterruption;

/** Somebody answered `input` with no, under the name by which pipelines ask who. */
public final class Rejection extends CauseOfInterruption {
    private static final long serialVersionUID = 1L;

    private final User user;

    public Rejection(String name) {
        super("Rejected by " + name);
        user = new User(name);
    }

    public User getUser() {
        return user;
    }
}
