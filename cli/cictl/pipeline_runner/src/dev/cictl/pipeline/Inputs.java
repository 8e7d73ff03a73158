package dev.cictl.pipeline;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** What comes in while a build runs: answers to its questions, and the wish to stop it. */
final class Inputs {
    private final Map<String, CompletableFuture<Map<String, Object>>> questions = new ConcurrentHashMap<>();
    private volatile Consumer<String> onAbort = reason -> { };

    /** Reads messages from IN until it ends, which is a wish to stop as well. */
    void listen(BufferedReader in) {
        Thread thread = new Thread(() -> read(in), "inputs");
        thread.setDaemon(true);
        thread.start();
    }

    private void read(BufferedReader in) {
        try {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                take(Json.read(line));
            }
        } catch (IOException gone) {
            // as at the end
        }
        onAbort.accept("cictl is gone");
    }

    private void take(Map<String, Object> message) {
        if (message.get("abort") != null) {
            onAbort.accept(String.valueOf(message.get("abort")));
        } else if (message.get("answer") != null) {
            CompletableFuture<Map<String, Object>> question = questions.remove(String.valueOf(message.get("answer")));
            if (question != null) {
                question.complete(message);
            }
        }
    }

    void onAbort(Consumer<String> action) {
        onAbort = action;
    }

    /** Returns the answer to come to the question ID. */
    CompletableFuture<Map<String, Object>> expect(String id) {
        return questions.computeIfAbsent(id, each -> new CompletableFuture<>());
    }
}
