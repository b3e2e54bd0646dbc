package gvj.shim.runtime;

import gvj.boot.BootException;
import gvj.runtime.Container;
import gvj.runtime.Json;
import gvj.runtime.ToolException;
import gvj.shim.api.RpcException;
import gvj.shim.api.ShimContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The OCI runtime. What it complains about is the message of the call that needed it. */
public final class Gvj {
    private final ShimContext context;

    public Gvj(ShimContext context) {
        this.context = context;
    }

    /**
     * {@code gvj create}: answers the container's process id on the host.
     *
     * @param consoleSocket where to send the terminal's master; null without a terminal
     * @param stdio the first process's standard input, output and error
     */
    public int create(String id, String bundle, String consoleSocket, int[] stdio) throws RpcException {
        Path log = Path.of(bundle, "log.json");
        Path pidFile = Path.of(bundle, "init.pid");
        List<String> words = new ArrayList<>(List.of(context.gvj(), "--root", context.root()));
        words.addAll(List.of("--log", log.toString(), "--log-format", "json"));
        words.add("--oci-seccomp"); // who writes a pod expects its seccompProfile to hold; the flags may say otherwise
        words.addAll(context.flags());
        words.addAll(List.of("create", "--bundle", bundle, "--pid-file", pidFile.toString()));
        if (consoleSocket != null) {
            words.addAll(List.of("--console-socket", consoleSocket));
        }
        words.add(id);
        remove(log);
        int status = Programs.await(Programs.start(words, Programs.environment(), bundle, stdio));
        if (status != 0) {
            throw failure(lastError(log, "gvj create ended with status " + status));
        }
        return pid(pidFile);
    }

    /** Any other command: {@code gvj --root ROOT COMMAND ...}. */
    public void run(String... command) throws RpcException {
        run(Descriptors.NONE, command);
    }

    /** {@code gvj update}, for the host's cgroups and the Sentry. */
    public void update(String id, byte[] resources) throws RpcException {
        int file = Descriptors.memory("resources", resources);
        try {
            run(file, "update", "-r", "-", id);
        } finally {
            Descriptors.close(file);
        }
    }

    /** The container's state directory. */
    public Container container(String id) throws ToolException {
        return Container.open(Path.of(context.root()), id);
    }

    private void run(int stdin, String... command) throws RpcException {
        List<String> words = new ArrayList<>(List.of(context.gvj(), "--root", context.root()));
        words.addAll(List.of(command));
        Programs.Result result = Programs.run(words, stdin);
        if (result.status() != 0) {
            String said = result.output().strip();
            throw failure(said.isEmpty() ? "gvj " + command[0] + " ended with status " + result.status() : plain(said));
        }
    }

    private static RpcException failure(String message) {
        boolean gone = message.contains("does not exist") || message.contains("not running");
        return new RpcException(gone ? RpcException.Code.NOT_FOUND : RpcException.Code.UNKNOWN, message);
    }

    private static String plain(String said) {
        return said.startsWith("gvj: ") ? said.substring(5) : said;
    }

    private static void remove(Path file) throws RpcException {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new RpcException(RpcException.Code.UNKNOWN, "cannot remove " + file + ": " + e, e);
        }
    }

    private static int pid(Path file) throws RpcException {
        try {
            return Integer.parseInt(
                    Files.readString(file, StandardCharsets.US_ASCII).strip());
        } catch (IOException | NumberFormatException e) {
            throw new RpcException(RpcException.Code.UNKNOWN, "gvj create wrote no process id: " + e, e);
        }
    }

    /** The message of the log's last error. */
    private static String lastError(Path log, String otherwise) {
        String last = otherwise;
        try {
            for (String line : Files.readAllLines(log)) {
                Json entry = Json.parse(log.toString(), line.getBytes(StandardCharsets.UTF_8));
                if (entry.get("level").chars("").equals("error")) {
                    last = entry.get("msg").chars(last);
                }
            }
        } catch (IOException | BootException e) {
            return last; // what could be read is all that there is to say
        }
        return last;
    }
}
