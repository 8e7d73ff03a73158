package dev.cictl.pipeline;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is asked for: one Jenkinsfile to check or to run, and with what. */
record Request(Map<String, Object> data) {

    Path jenkinsfile() {
        return Path.of(text("jenkinsfile"));
    }

    /** Returns PATH as it is shown: from the folder where the user is, if it is in there. */
    String shown(String path) {
        String folder = text("folder") + "/";
        return path.startsWith(folder) ? path.substring(folder.length()) : path;
    }

    Path workspace() {
        return Path.of(text("workspace"));
    }

    /** The folder that `checkout scm` brings in; null if the workspace is it. */
    Path source() {
        return data.get("source") == null ? null : Path.of(text("source"));
    }

    Path scratch() {
        return Path.of(text("scratch"));
    }

    /** Whether FOLDER is the user's own working tree, or holds it, or, where the workspace is another, lies in it. */
    boolean isPrecious(Path folder) {
        Path real = Globs.real(folder);
        Path tree = Globs.real(source() == null ? workspace() : source());
        return tree.startsWith(real) || source() != null && real.startsWith(tree);
    }

    /** Whether FOLDER is this run's to remove: in the workspace or in its scratch folder, wherever links lead. */
    boolean isOwn(Path folder) {
        Path real = Globs.real(folder);
        Path workspace = Globs.real(workspace());
        boolean isInside = real.startsWith(workspace) && !(source() == null && real.startsWith(workspace.resolve(".git")));
        return !isPrecious(folder) && (isInside || real.startsWith(Globs.real(scratch()))
                || real.startsWith(workspace.resolveSibling(workspace.getFileName() + "@tmp")));
    }

    /** Where artefacts are kept; null leaves them where they are. */
    Path archive() {
        return data.get("archive") == null ? null : Path.of(text("archive"));
    }

    /** What the processes of this run are known by. */
    String cookie() {
        return text("cookie");
    }

    /** Whether the user's own LC_ALL is known, for which the JVM has another one. */
    boolean hasLocale() {
        return data.containsKey("lcAll");
    }

    /** The user's own LC_ALL, null for none. */
    String locale() {
        return text("lcAll");
    }

    String job() {
        return text("job");
    }

    int number() {
        return data.get("number") instanceof Number number ? number.intValue() : 1;
    }

    String previousResult() {
        return text("previousResult");
    }

    String stage() {
        return text("stage");
    }

    String from() {
        return text("from");
    }

    /** `approve`, `reject` or `ask`; null where nobody can be asked. */
    String answer() {
        return text("answer");
    }

    /** Who answers; null for the user of this machine. */
    String approver() {
        return text("approver");
    }

    boolean isDryRun() {
        return Boolean.TRUE.equals(data.get("dryRun"));
    }

    boolean isSandboxed() {
        return Boolean.TRUE.equals(data.get("sandbox"));
    }

    boolean isLint() {
        return Boolean.TRUE.equals(data.get("lint"));
    }

    List<Path> libraryPaths() {
        return libraries().values().stream().distinct().map(Path::of).toList();
    }

    /** Paths of libraries by name; `*` stands for every other name. */
    Map<String, String> libraries() {
        return texts("libraries");
    }

    Map<String, String> parameters() {
        return texts("parameters");
    }

    /** Jenkins' variables, on top of this process' own. */
    Map<String, String> variables() {
        return texts("variables");
    }

    /** Contents of credentials, by id. */
    Map<String, String> credentials() {
        return texts("credentials");
    }

    List<String> changedFiles() {
        return data.get("changedFiles") instanceof List<?> list ? list.stream().map(String::valueOf).toList() : null;
    }

    /** Messages of the commits that are new, each whole. */
    List<String> commitMessages() {
        return data.get("commitMessages") instanceof List<?> list ? list.stream().map(String::valueOf).toList() : List.of();
    }

    private String text(String name) {
        return data.get(name) == null ? null : String.valueOf(data.get(name));
    }

    private Map<String, String> texts(String name) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (data.get(name) instanceof Map<?, ?> map) {
            map.forEach((key, value) -> texts.put(String.valueOf(key), String.valueOf(value)));
        }
        return texts;
    }
}
