package dev.cictl.pipeline;

/** Says how long something takes, as Jenkins does: the two largest units. */
final class Durations {
    private Durations() {}

    static String text(long millis) {
        long seconds = millis / 1000;
        if (millis < 1000) {
            return millis + " ms";
        }
        if (seconds < 60) {
            return seconds + " sec";
        }
        if (seconds < 3600) {
            return seconds / 60 + " min " + seconds % 60 + " sec";
        }
        if (seconds < 86_400) {
            return seconds / 3600 + " hr " + seconds % 3600 / 60 + " min";
        }
        return seconds / 86_400 + " days " + seconds % 86_400 / 3600 + " hr";
    }
}
