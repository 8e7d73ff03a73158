package dev.cictl.pipeline;

import groovy.json.JsonOutput;
import groovy.json.JsonSlurper;
import hudson.AbortException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Steps that read and write files of the workspace. */
final class FileSteps {
    private final Build build;

    private FileSteps(Build build) {
        this.build = build;
    }

    static void addTo(Map<String, Steps.Slow> steps, Build build) {
        FileSteps files = new FileSteps(build);
        steps.put("dir", (call, args) -> call.body(args.body(),
                call.context().in(folder("dir", call.context()).resolve(args.text("path")).normalize())));
        steps.put("readFile", (call, args) -> read(path("readFile", call, args), args.text("encoding", "UTF-8")));
        steps.put("writeFile", (call, args) -> files.write(call, path("writeFile", call, args), bytes(args)));
        steps.put("fileExists", (call, args) -> Files.exists(path("fileExists", call, args)));
        steps.put("readJSON", files::readJson);
        steps.put("writeJSON", files::writeJson);
        steps.put("findFiles", FileSteps::findFiles);
        steps.put("touch", files::touch);
        steps.put("sha1", (call, args) -> digest(call, args, "sha1", "SHA-1"));
        steps.put("sha256", (call, args) -> digest(call, args, "sha256", "SHA-256"));
        steps.put("deleteDir", (call, args) -> files.delete(call, folder("deleteDir", call.context())));
        steps.put("cleanWs", (call, args) -> files.delete(call, folder("cleanWs", call.context())));
        steps.put("libraryResource", files::resource);
    }

    /** Returns the folder in which STEP runs in CONTEXT. */
    static Path folder(String step, Context context) throws AbortException {
        if (context.folder() == null) {
            throw StageSteps.noNode(step);
        }
        return context.folder();
    }

    private static Path path(String step, StepCall call, Args args) throws AbortException {
        return folder(step, call.context()).resolve(args.text("file"));
    }

    private static String read(Path file, String encoding) throws IOException {
        byte[] content = Files.readAllBytes(file);
        return "Base64".equals(encoding)
                ? Base64.getEncoder().encodeToString(content)
                : new String(content, Charset.forName(encoding));
    }

    private static byte[] bytes(Args args) {
        String encoding = args.text("encoding", "UTF-8");
        String text = args.text("text", "");
        return "Base64".equals(encoding) ? Base64.getDecoder().decode(text) : text.getBytes(Charset.forName(encoding));
    }

    private Object write(StepCall call, Path file, byte[] content) throws IOException {
        if (build.request().isDryRun()) {
            build.log(call.context(), "would write " + file);
            return null;
        }
        Files.createDirectories(file.getParent());
        Files.write(file, content);
        return null;
    }

    private Object readJson(StepCall call, Args args) throws IOException {
        String text = args.has("text") ? args.text("text") : read(path("readJSON", call, args), "UTF-8");
        return settled(new JsonSlurper().parseText(text));
    }

    /** Returns VALUE in plain collections: the parser's own are lazy, and cannot be written down. */
    private static Object settled(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> copy = new LinkedHashMap<>();
            map.forEach((key, each) -> copy.put(key, settled(each)));
            return copy;
        }
        if (value instanceof List<?> list) {
            return new ArrayList<>(list.stream().map(FileSteps::settled).toList());
        }
        return value;
    }

    private Object writeJson(StepCall call, Args args) throws IOException {
        String json = JsonOutput.toJson(args.value("json"));
        String text = args.number("pretty", 0) > 0 ? JsonOutput.prettyPrint(json) : json;
        return args.flag("returnText", false)
                ? text
                : write(call, path("writeJSON", call, args), text.getBytes(StandardCharsets.UTF_8));
    }

    /** Without a pattern what stands in the folder itself, folders too. */
    private static Object findFiles(StepCall call, Args args) throws IOException {
        Path folder = folder("findFiles", call.context());
        String glob = args.text("glob", "");
        List<Path> paths;
        if (glob.isBlank()) {
            try (Stream<Path> all = Files.list(folder)) {
                paths = all.map(folder::relativize).sorted().toList();
            }
        } else {
            paths = Globs.find(folder, glob, args.text("excludes", null), true);
        }
        FoundFile[] found = new FoundFile[paths.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = new FoundFile(folder.resolve(paths.get(i)), paths.get(i).toString());
        }
        return found;
    }

    private Object touch(StepCall call, Args args) throws IOException {
        Path file = path("touch", call, args);
        if (build.request().isDryRun()) {
            build.log(call.context(), "would touch " + file);
            return null;
        }
        Files.createDirectories(file.getParent());
        if (!Files.exists(file)) {
            Files.createFile(file);
        }
        long now = System.currentTimeMillis();
        Files.setLastModifiedTime(file, FileTime.fromMillis(args.number("timestamp", now)));
        return new FoundFile(file, file.toString());
    }

    /** Returns the digest of a file by ALGORITHM; null where there is no such file, as Jenkins does. */
    private static Object digest(StepCall call, Args args, String step, String algorithm) throws Exception {
        Path file = path(step, call, args);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(Files.readAllBytes(file)));
    }

    /** Removes FOLDER, or what is in it; never the user's own working tree, nor what is outside of the workspace. */
    private Object delete(StepCall call, Path folder) throws IOException {
        if (!build.request().isOwn(folder)) {
            String why = build.request().source() == null && build.request().isPrecious(folder)
                    ? " is your working tree; with --workspace DIR it is emptied"
                    : " is not this run's to remove";
            build.log(call.context(), "left as it is: " + folder + why);
            return null;
        }
        if (build.request().isDryRun() || !Files.exists(folder)) {
            return null;
        }
        deleteTree(folder);
        return null;
    }

    static void deleteTree(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }

    private Object resource(StepCall call, Args args) throws IOException {
        Path file = build.loader().resource(args.text("resource"));
        if (file == null) {
            throw new AbortException("No such library resource " + args.text("resource") + " could be found.");
        }
        try {
            return read(file, args.text("encoding", "UTF-8"));
        } catch (NoSuchFileException gone) {
            throw new AbortException("No such library resource " + args.text("resource") + " could be found.");
        }
    }
}
