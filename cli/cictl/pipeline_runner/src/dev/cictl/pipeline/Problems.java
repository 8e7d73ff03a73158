package dev.cictl.pipeline;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Collects what is found while files are loaded. */
final class Problems {
    private final List<Problem> found = new ArrayList<>();
    private final Map<String, Problem.Place> credentials = new LinkedHashMap<>();
    private final Map<String, Problem.Place> libraries = new LinkedHashMap<>();

    void error(String message, Problem.Place place) {
        add(Problem.error(message, place));
    }

    /** Says that NAME, a KIND, is not among KNOWN, and which it may have been meant to be. */
    void unknown(String message, String name, Collection<String> known, Problem.Place place) {
        String near = Spelling.nearest(name, known);
        String all = "known: " + String.join(", ", new TreeSet<>(known));
        String hint = near != null ? "did you mean \"" + near + "\"?" : known.size() < 40 ? all : null;
        add(Problem.error(message, place, hint));
    }

    /** Remembers that the credential ID is used at PLACE. */
    void credential(String id, Problem.Place place) {
        credentials.putIfAbsent(id, place);
    }

    /** Returns where each credential that is named literally is used first. */
    Map<String, Problem.Place> credentials() {
        return credentials;
    }

    /** Remembers that PLACE asks for the library NAME. */
    void library(String name, Problem.Place place) {
        libraries.putIfAbsent(name, place);
    }

    /** Returns where each library is asked for first. */
    Map<String, Problem.Place> libraries() {
        return libraries;
    }

    void note(String message, Problem.Place place) {
        add(Problem.note(message, place));
    }

    void add(Problem problem) {
        if (!found.contains(problem)) {
            found.add(problem);
        }
    }

    List<Problem> all() {
        return List.copyOf(found);
    }

    /** Returns all, those of each file together, by line. */
    List<Problem> sorted() {
        List<String> files = found.stream().map(Problem::file).distinct().toList();
        return found.stream().sorted(Comparator.comparingInt((Problem each) -> files.indexOf(each.file()))
                .thenComparingInt(Problem::line)).toList();
    }

    boolean hasErrors() {
        return found.stream().anyMatch(Problem::isError);
    }
}
