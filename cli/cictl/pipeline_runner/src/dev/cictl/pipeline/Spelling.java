package dev.cictl.pipeline;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** Which known name somebody most likely meant. */
final class Spelling {
    private Spelling() {}

    /** Returns the one of KNOWN that is nearest to NAME, null if none comes near. */
    static String nearest(String name, Collection<String> known) {
        int limit = Math.max(1, (name.length() + 1) / 3);
        return known.stream()
                .filter(each -> distance(name, each) <= limit)
                .min(Comparator.comparingInt((String each) -> distance(name, each)).thenComparing(each -> each))
                .orElse(null);
    }

    private static int distance(String left, String right) {
        String a = left.toLowerCase(Locale.ROOT);
        String b = right.toLowerCase(Locale.ROOT);
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
