package gvj.agent.install;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The distribution on the host: {@code PREFIX/VERSION} for each version, and {@code PREFIX/current}, a link to one. A
 * version is never changed once it stands there, so sandboxes that run from an older one do not notice a newer.
 */
final class Distribution {
    private static final List<String> COMMANDS = List.of("gvj", "containerd-shim-gvisor-java-v1");

    private final HostFiles host;
    private final String prefix;
    private final String bin;

    /** Kept at {@code prefix} of the host, with its commands linked into {@code bin}. */
    Distribution(HostFiles host, String prefix, String bin) {
        this.host = host;
        this.prefix = prefix;
        this.bin = bin;
    }

    /** The path of the shim that stays right when {@code current} changes. */
    String shim() {
        return prefix + "/current/bin/containerd-shim-gvisor-java-v1";
    }

    /** The name of {@code source} as a version: {@code release}, and what is in its files. */
    static String version(Path source, String release) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path file : files(source)) {
                digest.update((source.relativize(file) + "\0").getBytes(StandardCharsets.UTF_8));
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    try (InputStream in = Files.newInputStream(file)) {
                        byte[] buffer = new byte[1 << 16];
                        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                            digest.update(buffer, 0, n);
                        }
                    }
                }
            }
            return release + "-" + HexFormat.of().formatHex(digest.digest(), 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Path> files(Path source) throws IOException {
        try (Stream<Path> all = Files.walk(source)) {
            return all.sorted().toList();
        }
    }

    /** Copies {@code source} unless it is there, and makes it the current one. */
    void install(Path source, String version) throws IOException, InstallException {
        for (String command : COMMANDS) {
            if (!Files.isExecutable(source.resolve("bin").resolve(command))) {
                throw new InstallException(
                        "there is no distribution at " + source + ": bin/" + command + " is missing");
            }
        }
        String home = prefix + "/" + version;
        if (!host.exists(home)) {
            String fresh = home + ".new";
            host.deleteTree(fresh);
            copy(source, host.at(fresh));
            Files.move(host.at(fresh), host.at(home), StandardCopyOption.ATOMIC_MOVE);
        }
        if (!host.linkTarget(prefix + "/current").equals(version)) {
            host.link(prefix + "/current", version);
        }
        for (String command : COMMANDS) {
            String link = bin + "/" + command;
            String target = prefix + "/current/bin/" + command;
            if (host.exists(link) && host.linkTarget(link).isEmpty()) {
                throw new InstallException(
                        link + " is a file that gvj-agent did not put there: remove it, or choose another"
                                + " directory with --bin");
            }
            if (!host.linkTarget(link).equals(target)) {
                host.link(link, target);
            }
        }
    }

    private static void copy(Path source, Path target) throws IOException {
        Files.createDirectories(target.getParent());
        for (Path file : files(source)) {
            Files.copy(
                    file,
                    target.resolve(source.relativize(file).toString()),
                    StandardCopyOption.COPY_ATTRIBUTES,
                    LinkOption.NOFOLLOW_LINKS);
        }
    }

    /** Removes versions that are neither current nor run from; answers those that stay because they are in use. */
    Set<String> prune(Path proc) throws IOException {
        Set<String> used = used(proc);
        Set<String> kept = new TreeSet<>();
        String current = host.linkTarget(prefix + "/current");
        for (String version : versions()) {
            if (version.equals(current)) {
                continue;
            }
            if (used.contains(version)) {
                kept.add(version);
            } else {
                host.deleteTree(prefix + "/" + version);
            }
        }
        return kept;
    }

    /** Takes everything away, the links only if they are ours. */
    void uninstall() throws IOException {
        for (String command : COMMANDS) {
            String link = bin + "/" + command;
            if (host.linkTarget(link).startsWith(prefix + "/")) {
                host.delete(link);
            }
        }
        host.deleteTree(prefix);
    }

    private List<String> versions() throws IOException {
        List<String> names = new ArrayList<>();
        Path directory = host.at(prefix);
        if (Files.isDirectory(directory)) {
            try (Stream<Path> entries = Files.list(directory)) {
                for (Path entry : entries.sorted().toList()) {
                    if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                        names.add(entry.getFileName().toString());
                    }
                }
            }
        }
        return names;
    }

    /** Versions whose programs run: {@code /proc/PID/exe} of the host's processes says so. */
    Set<String> used(Path proc) throws IOException {
        Set<String> used = new TreeSet<>();
        try (Stream<Path> entries = Files.list(proc)) {
            for (Path entry : entries.toList()) {
                String name = entry.getFileName().toString();
                if (name.charAt(0) < '0' || name.charAt(0) > '9') {
                    continue;
                }
                String exe;
                try {
                    exe = Files.readSymbolicLink(entry.resolve("exe")).toString();
                } catch (IOException e) {
                    continue; // ended meanwhile, or a thread of the host's kernel
                }
                if (exe.startsWith(prefix + "/")) {
                    String rest = exe.substring(prefix.length() + 1);
                    used.add(rest.contains("/") ? rest.substring(0, rest.indexOf('/')) : rest);
                }
            }
        }
        return used;
    }
}
