package dev.cictl.pipeline;

/** Something found when a file was loaded: an error, or a note about what a run here can't show. */
record Problem(boolean isError, String message, String file, int line, int column, String hint) {
    static Problem error(String message, Place place) {
        return new Problem(true, message, place.file(), place.line(), place.column(), null);
    }

    static Problem error(String message, Place place, String hint) {
        return new Problem(true, message, place.file(), place.line(), place.column(), hint);
    }

    static Problem note(String message, Place place) {
        return new Problem(false, message, place.file(), place.line(), place.column(), null);
    }

    /** A place in a file, lines and columns from 1. */
    record Place(String file, int line, int column) {}
}
