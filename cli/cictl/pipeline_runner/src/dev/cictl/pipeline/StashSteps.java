package dev.cictl.pipeline;

import hudson.AbortException;
import hudson.model.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** `stash`, `unstash` and `archiveArtifacts`. */
final class StashSteps {
    private final Build build;
    private final Map<String, Path> stashes = new ConcurrentHashMap<>();

    private StashSteps(Build build) {
        this.build = build;
    }

    static void addTo(Map<String, Steps.Slow> steps, Build build) {
        StashSteps stashes = new StashSteps(build);
        steps.put("stash", stashes::stash);
        steps.put("unstash", stashes::unstash);
        steps.put("archiveArtifacts", (call, args) -> stashes.archive(call, args, "artifacts"));
        steps.put("archive", (call, args) -> stashes.archive(call, args, "includes"));
    }

    private Object stash(StepCall call, Args args) throws IOException {
        Path folder = FileSteps.folder("stash", call.context());
        String name = args.text("name");
        if (build.request().isDryRun()) {
            build.log(call.context(), "would stash " + name);
            stashes.put(name, folder);
            return null;
        }
        List<Path> files = Globs.find(folder, args.text("includes", "**"), args.text("excludes", null),
                args.flag("useDefaultExcludes", true));
        if (files.isEmpty() && !args.flag("allowEmpty", false)) {
            throw new AbortException("No files included in stash ‘" + name + "’");
        }
        Path kept = Files.createTempDirectory(build.request().scratch(), "stash");
        copy(files, folder, kept);
        if (stashes.put(name, kept) != null) {
            build.log(call.context(), "Warning: overwriting stash ‘" + name + "’");
        }
        build.log(call.context(), "Stashed " + files.size() + " file(s)");
        return null;
    }

    private Object unstash(StepCall call, Args args) throws IOException {
        Path folder = FileSteps.folder("unstash", call.context());
        Path kept = stashes.get(args.text("name"));
        if (kept == null) {
            throw new AbortException("No such saved stash ‘" + args.text("name") + "’");
        }
        if (!build.request().isDryRun()) {
            copy(Globs.find(kept, "**", null, false), kept, folder);
        }
        return null;
    }

    static void copy(List<Path> files, Path from, Path to) throws IOException {
        for (Path each : files) {
            Path target = to.resolve(each);
            Files.createDirectories(target.getParent());
            Files.copy(from.resolve(each), target, StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
        }
    }

    private Object archive(StepCall call, Args args, String parameter) throws IOException {
        Path folder = FileSteps.folder("archiveArtifacts", call.context());
        boolean hasFailed = build.result() != null && build.result().isWorseThan(Result.UNSTABLE);
        if (hasFailed && args.flag("onlyIfSuccessful", false)) {
            build.log(call.context(), "Skipping archiving because build is not successful");
            return null;
        }
        build.log(call.context(), "Archiving artifacts");
        if (build.request().isDryRun()) {
            return null;
        }
        List<Path> files = Globs.find(folder, args.text(parameter), args.text("excludes", null),
                args.flag("defaultExcludes", true));
        if (files.isEmpty() && !hasFailed) { // a build that failed may not have got as far as what it archives
            String none = "No artifacts found that match the file pattern \"" + args.text(parameter)
                    + "\". Configuration error?";
            if (!args.flag("allowEmptyArchive", false)) {
                throw new AbortException(none);
            }
            build.log(call.context(), none);
        }
        Path archive = build.request().archive();
        if (archive != null) {
            copy(files, folder, archive);
        }
        Path place = archive == null ? folder : archive;
        files.forEach(each -> build.events().send("artifact", "path", place.resolve(each).toString()));
        return null;
    }
}
