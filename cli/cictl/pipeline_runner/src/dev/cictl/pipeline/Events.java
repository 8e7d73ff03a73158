package dev.cictl.pipeline;

import java.io.BufferedWriter;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tells what happens, one JSON object a line; all text in it is masked. */
final class Events {
    private final Writer out;
    private final Secrets secrets = new Secrets();

    Events(String path) throws IOException {
        out = new BufferedWriter(new OutputStreamWriter(new FileOutputStream(path), StandardCharsets.UTF_8));
    }

    Secrets secrets() {
        return secrets;
    }

    /** Sends the event TYPE with FIELDS, names and values in turn; a null is left out. */
    synchronized void send(String type, Object... fields) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("event", type);
        event.put("at", System.currentTimeMillis() / 1000.0);
        for (int i = 0; i < fields.length; i += 2) {
            if (fields[i + 1] != null) {
                event.put((String) fields[i], masked(fields[i + 1]));
            }
        }
        try {
            out.write(Json.write(event));
            out.write('\n');
            out.flush();
        } catch (IOException gone) {
            // Nobody listens any more; what runs is stopped all the same, and must not be stopped by this.
        }
    }

    private Object masked(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> copy = new LinkedHashMap<>();
            map.forEach((key, each) -> copy.put(secrets.masked(String.valueOf(key)), masked(each)));
            return copy;
        }
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>();
            list.forEach(each -> copy.add(masked(each)));
            return copy;
        }
        return value == null || value instanceof Number || value instanceof Boolean
                ? value
                : secrets.masked(value.toString());
    }
}
