package dev.cictl.pipeline;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

/** Ant's patterns, as many steps take them: `*` within a folder, `**` across folders, several with commas. */
final class Globs {
    private static final String DEFAULT_EXCLUDES = "**/.git/**,**/.git,**/.svn/**,**/CVS/**,**/*~,**/.DS_Store";

    private Globs() {}

    /** Returns PATH without links and dots, as far as it exists. */
    static Path real(Path path) {
        Path whole = path.toAbsolutePath().normalize();
        for (Path known = whole; known != null; known = known.getParent()) {
            try {
                return known.toRealPath().resolve(known.relativize(whole)).normalize();
            } catch (IOException none) {
                // the rest is to be made yet
            }
        }
        return whole;
    }

    /** Returns the files below FOLDER that match INCLUDES and not EXCLUDES, relative to it, in order. */
    static List<Path> find(Path folder, String includes, String excludes, boolean hasDefaultExcludes) throws IOException {
        List<Pattern> in = patterns(includes);
        List<Pattern> out = new ArrayList<>(patterns(excludes));
        if (hasDefaultExcludes) {
            out.addAll(patterns(DEFAULT_EXCLUDES));
        }
        List<Path> found = new ArrayList<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path inner, BasicFileAttributes attributes) {
                boolean isOut = !inner.equals(folder) && matches(out, folder.relativize(inner) + "/.");
                return isOut ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String name = folder.relativize(file).toString();
                if (matches(in, name) && !matches(out, name)) {
                    found.add(folder.relativize(file));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException problem) {
                return FileVisitResult.CONTINUE;
            }
        });
        Collections.sort(found);
        return found;
    }

    /** Whether NAME, a path with slashes, matches PATTERN. */
    static boolean matches(String pattern, String name) {
        return matches(patterns(pattern), name);
    }

    private static boolean matches(List<Pattern> patterns, String name) {
        return patterns.stream().anyMatch(each -> each.matcher(name).matches());
    }

    private static List<Pattern> patterns(String several) {
        if (several == null || several.isBlank()) {
            return List.of();
        }
        return Arrays.stream(several.split("[,\\s]+")).filter(each -> !each.isEmpty()).map(Globs::pattern).toList();
    }

    private static Pattern pattern(String glob) {
        String whole = glob.endsWith("/") ? glob + "**" : glob;
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < whole.length(); i++) {
            char c = whole.charAt(i);
            if (whole.startsWith("**/", i)) {
                regex.append("(?:.*/)?");
                i += 2;
            } else if (whole.startsWith("/**", i) && i + 3 == whole.length()) {
                regex.append("(?:/.*)?");
                i += 2;
            } else if (whole.startsWith("**", i)) {
                regex.append(".*");
                i++;
            } else {
                regex.append(c == '*' ? "[^/]*" : c == '?' ? "[^/]" : Pattern.quote(String.valueOf(c)));
            }
        }
        return Pattern.compile(regex.toString());
    }
}
