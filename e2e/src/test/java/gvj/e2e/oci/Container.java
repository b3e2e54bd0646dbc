package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.Result;
import gvj.e2e.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** One container of one runtime: its bundle, its id, and the runtime's commands about it. */
final class Container implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final Runtime runtime;
    private final Bundle bundle;
    private Path root = Work.ROOT.resolve("state");
    /** Container id; also the name of its cgroups. */
    final String id;
    /** config.json as it will be written by {@link #create} and {@link #run}. */
    final ObjectNode config;

    Container(Runtime runtime) {
        this.runtime = runtime;
        id = Work.NAME + "-" + COUNT.incrementAndGet();
        bundle = new Bundle(id);
        config = bundle.config;
    }

    /** The directory with config.json. */
    Path bundle() {
        return bundle.directory;
    }

    /** The directory that {@code --root} names. */
    Path root() {
        return root;
    }

    Container root(Path newRoot) {
        root = newRoot;
        return this;
    }

    /** The program's words. */
    Container args(String... words) {
        ArrayNode args = bundle.process().putArray("args");
        for (String word : words) {
            args.add(word);
        }
        return this;
    }

    /** The program is a shell that runs this. */
    Container script(String script) {
        return args("/bin/sh", "-c", script);
    }

    ObjectNode process() {
        return bundle.process();
    }

    ObjectNode linux() {
        return bundle.linux();
    }

    Container mount(String destination, String type, String source, String... options) {
        bundle.mount(destination, type, source, options);
        return this;
    }

    /** A root file system that no other container sees. */
    Container ownRootfs() {
        bundle.ownRootfs();
        return this;
    }

    Path rootfs() {
        return bundle.rootfs();
    }

    /** Writes config.json. */
    Container write() {
        bundle.write();
        return this;
    }

    /** The runtime with {@code --root} and these words; waits for it, with no input. */
    Call command(String... words) {
        List<String> all = new ArrayList<>(runtime.command());
        all.add("--root=" + root);
        all.addAll(List.of(words));
        return new Call(all, bundle.directory);
    }

    /** {@code create}, with these options, which has to succeed; the program's output goes to files in the bundle. */
    Container create(String... options) {
        Result created = tryCreate(options);
        assertThat(created.status()).as("create: " + created.err()).isZero();
        return this;
    }

    /** {@code create}, whatever becomes of it. */
    Result tryCreate(String... options) {
        write();
        return with("create", options).output("out", "err").run();
    }

    Container start() {
        succeed(command("start", id).run(), "start");
        return this;
    }

    /** {@code run} in the foreground. */
    Result run(String... options) {
        write();
        return with("run", options).run();
    }

    /** Runs it in the foreground, which has to end with status 0: what it wrote. */
    String out(String... options) {
        Result result = run(options);
        assertThat(result.status()).as(result.err()).isZero();
        return result.out();
    }

    /** What the program, which was created and started, has written up to now. */
    String written() {
        return Work.read(bundle.directory.resolve("out"));
    }

    Result tryExec(String... words) {
        List<String> all = new ArrayList<>(List.of("exec", id));
        all.addAll(List.of(words));
        return command(all.toArray(String[]::new)).run();
    }

    /** A shell that runs this in the container: what it wrote; it has to succeed. */
    String exec(String script) {
        Result result = tryExec("/bin/sh", "-c", script);
        assertThat(result.status()).as(result.err()).isZero();
        return result.out();
    }

    JsonNode state() {
        Result result = command("state", id).run();
        succeed(result, "state");
        return Work.parse(result.out());
    }

    String status() {
        return state().path("status").asText();
    }

    /** Host pid of the first process. */
    long pid() {
        return state().path("pid").asLong();
    }

    Container kill(String signal) {
        succeed(command("kill", id, signal).run(), "kill");
        return this;
    }

    /** Waits until the state is this. */
    Container await(String status) {
        Work.until(id + " is " + status, () -> status().equals(status));
        return this;
    }

    Container delete() {
        succeed(command("delete", id).run(), "delete");
        return this;
    }

    /**
     * Creates and starts it as a shim does, whose orphans come to it: {@code e2e/reaper.py}.
     *
     * @param then "kill" to kill the program then, or ""
     * @return "exited N" with the status that the reaper of the pid saw
     */
    String reaped(String then) {
        write();
        List<String> all = new ArrayList<>(
                List.of("/usr/bin/python3", Run.ROOT.resolve("e2e/reaper.py").toString()));
        all.addAll(List.of(id, then));
        all.addAll(runtime.command());
        all.add("--root=" + root);
        Result result = new Call(all, bundle.directory).run();
        succeed(result, "reaper");
        return result.out();
    }

    /** {@code run --preserve-fds N} by a shell that has opened descriptors from 3 on by {@code opening}. */
    Result preserving(int count, String opening) {
        String run =
                String.join(" ", runtime.command()) + " --root=" + root + " run --preserve-fds " + count + " " + id;
        return new Call(List.of("/bin/bash", "-c", opening + "; exec " + run), bundle.directory).run();
    }

    /** Forces it away, and removes its bundle. */
    @Override
    public void close() {
        command("delete", "--force", id).run();
        bundle.remove();
    }

    private Call with(String command, String... options) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(List.of(options));
        all.add("--bundle");
        all.add(bundle.directory.toString());
        all.add(id);
        return command(all.toArray(String[]::new));
    }

    private void succeed(Result result, String what) {
        assertThat(result.status()).as(what + " " + id + ": " + result.err()).isZero();
    }
}
