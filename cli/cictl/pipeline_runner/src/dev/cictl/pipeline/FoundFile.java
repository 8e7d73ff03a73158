package dev.cictl.pipeline;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;

/** What `findFiles` and `touch` return of a file or folder; as a text it is its path. */
public final class FoundFile implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String path;
    private final String name;
    private final boolean isDirectory;
    private final long length;
    private final long lastModified;

    /** Takes what it is of FILE, known as PATH. */
    FoundFile(Path file, String path) throws IOException {
        isDirectory = Files.isDirectory(file);
        this.path = isDirectory ? path + "/" : path;
        name = file.getFileName().toString();
        length = Files.size(file);
        lastModified = Files.getLastModifiedTime(file).toMillis();
    }

    public String getName() {
        return name;
    }

    public String getPath() {
        return path;
    }

    public boolean isDirectory() {
        return isDirectory;
    }

    public long getLength() {
        return length;
    }

    public long getLastModified() {
        return lastModified;
    }

    @Override
    public String toString() {
        return path;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FoundFile file && file.path.equals(path);
    }

    @Override
    public int hashCode() {
        return path.hashCode();
    }
}
