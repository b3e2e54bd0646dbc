package gvj.agent.install;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The node's containerd: which version it is, how it is started again, and whether it works then. */
class Containerd {
    private static final long UP_NANOS = 30_000_000_000L;
    private static final long TICK_MILLIS = 200;

    /** What an HTTP/2 client says first, with an empty SETTINGS frame; a server answers a SETTINGS frame, type 4. */
    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1);

    private static final int SETTINGS = 4;

    private final Commands commands;
    private final List<String> restart;
    private final HostFiles host;
    private final String socket;

    /**
     * Started again with {@code restart}, listening at {@code socket}.
     *
     * @param restart a command of the host; empty if somebody else does it
     * @param socket the host's path
     */
    Containerd(Commands commands, List<String> restart, HostFiles host, String socket) {
        this.commands = commands;
        this.restart = restart;
        this.host = host;
        this.socket = socket;
    }

    /** Whether {@link #restart} does something. */
    boolean restarts() {
        return !restart.isEmpty();
    }

    /** Its major version; {@code told} is {@code containerd://1.7.24} as the node's status has it, or empty. */
    int major(String told) throws IOException, InstallException {
        String version = told;
        if (!told.startsWith("containerd://")) {
            if (!told.isEmpty()) {
                throw new InstallException("this node's container runtime is " + told + ", and not containerd");
            }
            Commands.Outcome outcome = commands.run(List.of("containerd", "--version"));
            version = outcome.output();
            if (outcome.status() != 0) {
                throw new InstallException("cannot ask containerd for its version: " + version.strip());
            }
        }
        for (String word : version.replace("containerd://", "").split("\\s+")) {
            String digits = word.startsWith("v") ? word.substring(1) : word;
            int dot = digits.indexOf('.');
            if (dot == 1 && digits.charAt(0) >= '1' && digits.charAt(0) <= '9') {
                return digits.charAt(0) - '0';
            }
        }
        throw new InstallException("cannot understand containerd's version \"" + version.strip() + "\"");
    }

    /** Complains if containerd itself does not accept the file at {@code path} of the host. */
    void check(String path) throws IOException, InstallException {
        Commands.Outcome outcome = commands.run(List.of("containerd", "--config", path, "config", "dump"));
        if (outcome.status() != 0 && outcome.status() != 127) {
            throw new InstallException(
                    "containerd does not accept its new configuration: " + lastLine(outcome.output()));
        }
    }

    /** Starts it again and waits until it serves, its CRI plugin too. */
    void restart() throws IOException, InstallException {
        if (restart.isEmpty()) {
            return;
        }
        Commands.Outcome outcome = commands.run(restart);
        if (outcome.status() != 0) {
            throw new InstallException(String.join(" ", restart) + " failed with status " + outcome.status() + ": "
                    + lastLine(outcome.output()));
        }
        long deadline = System.nanoTime() + UP_NANOS;
        while (!serves()) {
            if (System.nanoTime() > deadline) {
                throw new InstallException(
                        "containerd did not come back within " + UP_NANOS / 1_000_000_000 + " seconds");
            }
            pause();
        }
        plugins();
    }

    private void plugins() throws IOException, InstallException {
        Commands.Outcome outcome = commands.run(List.of("ctr", "--address", socket, "plugins", "ls"));
        if (outcome.status() != 0) {
            return; // without ctr, that it serves must do
        }
        for (String line : outcome.output().split("\n")) {
            String[] words = line.strip().split("\\s+");
            boolean cri = words.length >= 4 && (words[1].equals("cri") || words[0].startsWith("io.containerd.cri."));
            if (cri && words[words.length - 1].equals("error")) {
                throw new InstallException("containerd's plugin " + words[0] + "." + words[1] + " does not load");
            }
        }
    }

    private boolean serves() {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(host.at(socket)));
            channel.write(ByteBuffer.wrap(PREFACE));
            ByteBuffer header = ByteBuffer.allocate(9);
            while (header.hasRemaining() && channel.read(header) > 0) {
                continue;
            }
            return !header.hasRemaining() && header.get(3) == SETTINGS;
        } catch (IOException e) {
            return false;
        }
    }

    private static void pause() throws InstallException {
        try {
            Thread.sleep(TICK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InstallException("interrupted");
        }
    }

    private static String lastLine(String text) {
        String[] lines = text.strip().split("\n");
        return lines[lines.length - 1];
    }
}
