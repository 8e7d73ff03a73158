package dev.cictl.pipeline;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;

/** Says how long something takes, as Jenkins does: the two largest units, and parts of few seconds. */
final class Durations {
    private Durations() {}

    static String text(long millis) {
        long seconds = millis / 1000;
        if (millis < 100) {
            return millis + " ms";
        }
        if (seconds < 10) {
            double part = seconds == 0 ? millis / 10 / 100.0 : millis / 100 / 10.0;
            return new DecimalFormat("0.##", DecimalFormatSymbols.getInstance(Locale.ROOT)).format(part) + " sec";
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
        return seconds / 86_400 + (seconds < 2 * 86_400 ? " day " : " days ") + seconds % 86_400 / 3600 + " hr";
    }
}
