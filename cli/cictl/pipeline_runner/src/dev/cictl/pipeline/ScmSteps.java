package dev.cictl.pipeline;

import hudson.AbortException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** `checkout` and `git`. The working tree stands for what Jenkins would check out. */
final class ScmSteps {
    private final Build build;

    private ScmSteps(Build build) {
        this.build = build;
    }

    static void addTo(Map<String, Steps.Slow> steps, Build build) {
        ScmSteps scm = new ScmSteps(build);
        steps.put("checkout", scm::checkout);
        steps.put("git", (call, args) -> scm.clone(call, args.text("url"), args.text("branch", null)));
    }

    private Object checkout(StepCall call, Args args) throws Exception {
        Object scm = args.value("scm");
        if (scm instanceof Globals.Scm) {
            bring(build, call.context());
            return variables();
        }
        Map<?, ?> definition = scm instanceof Map<?, ?> map ? map : Map.of();
        String url = first(definition.get("userRemoteConfigs"), "url");
        if (url == null) {
            throw new AbortException("checkout of this SCM cannot be run without a Jenkins");
        }
        String branch = first(definition.get("branches"), "name");
        return clone(call, url, branch == null ? null : branch.replaceFirst("^(\\*|origin)/", ""));
    }

    private static String first(Object list, String key) {
        return list instanceof List<?> several && !several.isEmpty() && several.get(0) instanceof Map<?, ?> map
                        && map.get(key) != null
                ? map.get(key).toString()
                : null;
    }

    /** Brings the working tree into the folder of CONTEXT, where that is another. */
    static void bring(Build build, Context context) throws Exception {
        Path source = build.request().source();
        if (source == null) {
            build.log(context, "checkout: the working tree as it is");
            return;
        }
        Path folder = FileSteps.folder("checkout", context);
        List<Path> files = files(source);
        if (!build.request().isDryRun()) {
            StashSteps.copy(files, source, folder);
        }
        build.log(context, "checkout: " + files.size() + " files of the working tree");
    }

    /** Returns what Git knows or would know of SOURCE; all of it where there is no repository. */
    private static List<Path> files(Path source) throws IOException, InterruptedException {
        if (!Files.exists(source.resolve(".git"))) {
            return Globs.find(source, "**", null, true);
        }
        List<String> names = git(source, "ls-files", "-co", "--exclude-standard", "-z");
        return names.stream().map(Path::of).filter(each -> Files.isRegularFile(source.resolve(each))).toList();
    }

    private Map<String, String> variables() {
        Map<String, String> variables = new LinkedHashMap<>();
        build.request().variables().forEach((name, value) -> {
            if (name.startsWith("GIT_")) {
                variables.put(name, value);
            }
        });
        return variables;
    }

    private Object clone(StepCall call, String url, String branch) throws Exception {
        Path folder = FileSteps.folder("git", call.context());
        if (build.request().isPrecious(folder)) {
            throw new AbortException("checking " + url + " out would overwrite your working tree: "
                    + "use dir('name') { … }, or run with --workspace DIR");
        }
        build.log(call.context(), "Cloning " + url);
        if (build.request().isDryRun()) {
            return Map.of();
        }
        Files.createDirectories(folder);
        if (!Files.exists(folder.resolve(".git"))) {
            git(folder, "init", "--quiet");
        }
        git(folder, "fetch", "--quiet", "--", url, branch == null ? "HEAD" : branch);
        git(folder, "checkout", "--quiet", "--force", "FETCH_HEAD");
        String commit = git(folder, "rev-parse", "HEAD").get(0).trim();
        return new LinkedHashMap<>(Map.of("GIT_COMMIT", commit, "GIT_URL", url, "GIT_BRANCH", branch == null ? "HEAD" : branch));
    }

    /** Returns what git prints, cut at NULs. It prints into a file: who reads a pipe cannot be stopped. */
    private static List<String> git(Path folder, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("git", "-C", folder.toString()));
        command.addAll(Arrays.asList(arguments));
        Path printed = Files.createTempFile("git", ".out");
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(printed.toFile());
            builder.environment().put("GIT_TERMINAL_PROMPT", "0");
            int status = end(builder.start());
            String output = new String(Files.readAllBytes(printed), StandardCharsets.UTF_8);
            if (status != 0) {
                throw new AbortException("git " + arguments[0] + " failed: " + output.trim());
            }
            return Stream.of(output.split("\0")).filter(each -> !each.isEmpty()).toList();
        } finally {
            Files.deleteIfExists(printed);
        }
    }

    private static int end(Process process) throws IOException, InterruptedException {
        process.getOutputStream().close();
        try {
            return process.waitFor();
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }
}
