package gvj.e2e.oci;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import gvj.e2e.NothingLeft;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** The directory of this run's containers, and small things that its cases need. */
public final class Work {
    public static final ObjectMapper JSON = new ObjectMapper();
    /** Begins every name that a case gives to something of the machine: containers, cgroups, network namespaces. */
    public static final String NAME = NothingLeft.MARK;

    public static final Path ROOT = Path.of("/tmp/" + NAME);
    private static final AtomicInteger COUNT = new AtomicInteger();

    static {
        directory(ROOT.resolve("temporary"));
        java.lang.Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(ROOT)));
    }

    private Work() {}

    /** A new file name. */
    public static Path temporary(String kind) {
        return ROOT.resolve("temporary").resolve(kind + COUNT.incrementAndGet());
    }

    public static Path directory(Path path) {
        try {
            return Files.createDirectories(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A shell script that can be run. */
    public static Path script(Path file, String text) {
        write(file, "#!/bin/sh\n" + text + "\n");
        try {
            return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file's text, or "" where there is none. */
    public static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes a tree; links are removed, not followed. */
    public static void remove(Path tree) {
        if (Files.notExists(tree)) {
            return;
        }
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + text, e);
        }
    }

    /** Waits at most 10 seconds for a condition. */
    public static void until(String what, Callable<Boolean> condition) {
        long end = System.nanoTime() + 10_000_000_000L;
        try {
            while (!condition.call()) {
                if (System.nanoTime() > end) {
                    throw new AssertionError("not within 10 s: " + what);
                }
                Thread.sleep(10);
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(what, e);
        }
    }
}
