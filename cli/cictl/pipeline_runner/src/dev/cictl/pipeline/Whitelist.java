package dev.cictl.pipeline;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Collectors;
import org.jenkinsci.plugins.scriptsecurity.sandbox.RejectedAccessException;

/** What code in the sandbox may call: whitelist.txt, in the form of the Script Security plugin. */
final class Whitelist {
    private static final String FILE = "/whitelist.txt";

    private final Set<String> permitted;

    Whitelist() {
        try (InputStream in = Whitelist.class.getResourceAsStream(FILE);
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            permitted = reader.lines().filter(each -> !each.isBlank() && !each.startsWith("#")).collect(Collectors.toSet());
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }

    boolean permits(String signature) {
        return permitted.contains(signature);
    }

    /** Refuses what SIGNATURE says, unless it is listed. */
    void check(String signature) {
        if (!permits(signature)) {
            throw new RejectedAccessException(signature);
        }
    }
}
