package hudson;

import java.io.IOException;

/** A failure that needs no stack trace, under the name by which pipelines catch it. */
public class AbortException extends IOException {
    private static final long serialVersionUID = 1L;

    public AbortException() {}

    public AbortException(String message) {
        super(message);
    }
}
