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

    /** Counts the characters to be put in, left out or changed, and pairs to be swapped. */
    private static int distance(String left, String right) {
        String a = left.toLowerCase(Locale.ROOT);
        String b = right.toLowerCase(Locale.ROOT);
        int[][] to = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                to[i][j] = i == 0 || j == 0 ? i + j : Math.min(to[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1),
                        Math.min(to[i - 1][j], to[i][j - 1]) + 1);
                boolean isSwapped = i > 1 && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                to[i][j] = isSwapped ? Math.min(to[i][j], to[i - 2][j - 2] + 1) : to[i][j];
            }
        }
        return to[a.length()][b.length()];
    }
}
