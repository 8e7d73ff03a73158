package jenkins.model;

import java.io.Serializable;

/** Who or what stopped a build, in one line. */
public class CauseOfInterruption implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String shortDescription;

    public CauseOfInterruption(String shortDescription) {
        this.shortDescription = shortDescription;
    }

    public String getShortDescription() {
        return shortDescription;
    }

    @Override
    public String toString() {
        return shortDescription;
    }
}
