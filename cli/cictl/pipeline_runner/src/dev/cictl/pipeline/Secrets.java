package dev.cictl.pipeline;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.Set;
import java.util.TreeSet;

/** What must not be read in any output: each credential that was bound, as it is and as shells and base64 write it. */
final class Secrets {
    private static final String MASK = "****";
    // Of a secret of several lines, a line such as } says nothing, and masked it would be missing everywhere.
    private static final int SHORTEST_LINE = 4;

    private final Set<String> forms =
            new TreeSet<>(Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()));

    synchronized void add(String secret) {
        for (String line : secret.split("\\R")) {
            if (line.strip().length() >= SHORTEST_LINE) {
                addForms(line);
            }
        }
        addForms(secret);
        addForms(secret.strip());
    }

    private void addForms(String text) {
        if (text.isBlank()) {
            return;
        }
        forms.add(text);
        forms.add(text.replace("'", "'\\''"));
        forms.add(text.replace("'", "'\"'\"'"));
        String encoded = Base64.getEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        if (encoded.length() > 4) {
            forms.add(encoded);
        }
    }

    synchronized String masked(String text) {
        String masked = text;
        for (String each : forms) {
            masked = masked.replace(each, MASK);
        }
        return masked;
    }
}
