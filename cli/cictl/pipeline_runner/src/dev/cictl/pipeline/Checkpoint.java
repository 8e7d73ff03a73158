package dev.cictl.pipeline;

import com.cloudbees.groovy.cps.Continuable;
import java.io.IOException;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.Iterator;
import java.util.Map;

/** Does what Jenkins does at each step: writes the program down. Nothing is kept; only what cannot be written matters. */
final class Checkpoint extends ObjectOutputStream {
    private Checkpoint() throws IOException {
        super(OutputStream.nullOutputStream());
        enableReplaceObject(true);
    }

    /** Returns why PROGRAM cannot be written down, null if it can. */
    static Throwable problem(Continuable program) {
        try (Checkpoint checkpoint = new Checkpoint()) {
            checkpoint.writeObject(program);
            return null;
        } catch (NotSerializableException problem) {
            return problem;
        } catch (IOException | RuntimeException ignored) {
            return null; // a list that changes while it is written; Jenkins tries again later
        }
    }

    @Override
    protected Object replaceObject(Object object) {
        if (object instanceof Serializable) {
            return object;
        }
        String home = object.getClass().getPackageName();
        // Jenkins makes loops over collections and maps survive, by iterators and entries of its own.
        boolean isLoop = object instanceof Iterator || object instanceof Map.Entry;
        boolean isSaved = home.equals(Checkpoint.class.getPackageName())
                || isLoop && (home.equals("java.util") || home.startsWith("groovy.") || home.startsWith("org.codehaus.groovy."));
        return isSaved ? null : object;
    }
}
