package dev.cictl

import com.cloudbees.groovy.cps.NonCPS

/** Finds the name that somebody meant. */
class Spelling implements Serializable {
    private static final long serialVersionUID = 1L
    private static final int MOST_SLIPS = 3

    /** Return the key of KNOWN that is nearest to WORD, null where none is near. */
    @NonCPS
    static String nearest(String word, Map<String, String> known) {
        String best = null
        int least = MOST_SLIPS + 1
        for (String name : known.keySet()) {
            int slips = distance(word.toLowerCase(), name.toLowerCase())
            if (slips < least) {
                least = slips
                best = name
            }
        }
        return best
    }

    /** How many letters must be put in, taken out or changed to make B of A. */
    @NonCPS
    private static int distance(String a, String b) {
        List<Integer> before = []
        for (int column = 0; column <= b.length(); column++) {
            before.add(column)
        }
        for (int row = 1; row <= a.length(); row++) {
            List<Integer> now = [row]
            for (int column = 1; column <= b.length(); column++) {
                int change = before.get(column - 1) + (a.charAt(row - 1) == b.charAt(column - 1) ? 0 : 1)
                now.add(Math.min(change, Math.min(before.get(column), now.get(column - 1)) + 1))
            }
            before = now
        }
        return before.get(b.length())
    }
}
