package hudson.model;

import java.io.Serializable;

/** A person, as far as pipelines ask for one: here a name is all that is known. */
public final class User implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String name;

    public User(String name) {
        this.name = name;
    }

    public String getId() {
        return name;
    }

    public String getFullName() {
        return name;
    }

    public String getDisplayName() {
        return name;
    }

    @Override
    public String toString() {
        return name;
    }
}
