package gvj.shim.task;

import static gvj.shim.Scripts.client;
import static gvj.shim.Scripts.outputOf;
import static gvj.shim.Scripts.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import gvj.boot.Control;
import gvj.host.HostProcess;
import gvj.proto.task.CheckpointTaskRequest;
import gvj.proto.task.CloseIORequest;
import gvj.proto.task.ConnectRequest;
import gvj.proto.task.CreateTaskRequest;
import gvj.proto.task.DeleteRequest;
import gvj.proto.task.DeleteResponse;
import gvj.proto.task.ExecProcessRequest;
import gvj.proto.task.KillRequest;
import gvj.proto.task.PauseRequest;
import gvj.proto.task.PidsRequest;
import gvj.proto.task.ResizePtyRequest;
import gvj.proto.task.ResumeRequest;
import gvj.proto.task.ShutdownRequest;
import gvj.proto.task.StartRequest;
import gvj.proto.task.StateRequest;
import gvj.proto.task.StateResponse;
import gvj.proto.task.StatsRequest;
import gvj.proto.task.UpdateTaskRequest;
import gvj.proto.task.WaitRequest;
import gvj.proto.task.WaitResponse;
import gvj.proto.types.Mount;
import gvj.proto.types.Status;
import gvj.shim.Scripts;
import gvj.shim.StandInGvj;
import gvj.shim.api.RpcException;
import gvj.shim.api.RpcException.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What containerd asks, what it is answered, and what it is told meanwhile. */
@Timeout(20)
class TasksTest {
    private static final int SIGKILL = 9;
    private static final int SIGTERM = 15;

    @TempDir
    private Path directory;

    private StandInGvj gvj;
    private Tasks tasks;

    @BeforeEach
    void start() throws Exception {
        gvj = new StandInGvj(directory);
        tasks = new Pod(gvj);
    }

    @AfterEach
    void stop() {
        gvj.close();
    }

    private interface Call {
        Object run() throws Exception;
    }

    private static String refused(Code code, Call call) {
        try {
            return fail("this was not refused, but answered: " + call.run());
        } catch (RpcException e) {
            assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
            return e.getMessage();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    // ---- requests ----

    private CreateTaskRequest.Builder request(String id) throws Exception {
        return CreateTaskRequest.newBuilder().setId(id).setBundle(gvj.bundle(id).toString());
    }

    private void create(String id) throws Exception {
        assertThat(tasks.create(request(id).build()).getPid()).isEqualTo(HostProcess.getpid());
    }

    private int start(String id, String exec) throws RpcException {
        return tasks.start(StartRequest.newBuilder().setId(id).setExecId(exec).build())
                .getPid();
    }

    private void run(String id) throws Exception {
        create(id);
        start(id, "");
    }

    private Object exec(String id, String exec) throws RpcException {
        Any spec = Any.newBuilder().setValue(ByteString.copyFromUtf8("{}")).build();
        return tasks.exec(ExecProcessRequest.newBuilder()
                .setId(id)
                .setExecId(exec)
                .setSpec(spec)
                .build());
    }

    private StateResponse state(String id, String exec) throws RpcException {
        return tasks.state(StateRequest.newBuilder().setId(id).setExecId(exec).build());
    }

    private Status status(String exec) throws RpcException {
        return state("one", exec).getStatus();
    }

    private Object kill(String id, String exec, int signal) throws RpcException {
        return tasks.kill(KillRequest.newBuilder()
                .setId(id)
                .setExecId(exec)
                .setSignal(signal)
                .build());
    }

    private WaitResponse await(String id, String exec) throws Exception {
        return waiting(id, exec).get(10, TimeUnit.SECONDS);
    }

    private CompletableFuture<WaitResponse> waiting(String id, String exec) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return tasks.wait(
                        WaitRequest.newBuilder().setId(id).setExecId(exec).build());
            } catch (RpcException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private DeleteResponse delete(String id, String exec) throws RpcException, InterruptedException {
        return tasks.delete(DeleteRequest.newBuilder().setId(id).setExecId(exec).build());
    }

    private Object pause(String id) throws RpcException {
        return tasks.pause(PauseRequest.newBuilder().setId(id).build());
    }

    private Object resume(String id) throws RpcException {
        return tasks.resume(ResumeRequest.newBuilder().setId(id).build());
    }

    private Object update(String id, String resources) throws RpcException {
        Any any = Any.newBuilder()
                .setTypeUrl("types.containerd.io/opencontainers/runtime-spec/1/LinuxResources")
                .setValue(ByteString.copyFromUtf8(resources))
                .build();
        return tasks.update(
                UpdateTaskRequest.newBuilder().setId(id).setResources(any).build());
    }

    private Object resize(String id, String exec, int rows, int columns) throws RpcException {
        return tasks.resizePty(ResizePtyRequest.newBuilder()
                .setId(id)
                .setExecId(exec)
                .setHeight(rows)
                .setWidth(columns)
                .build());
    }

    private Object closeInput(String id, String exec) throws RpcException {
        return tasks.closeIO(CloseIORequest.newBuilder()
                .setId(id)
                .setExecId(exec)
                .setStdin(true)
                .build());
    }

    private Object stats(String id) throws RpcException {
        return tasks.stats(StatsRequest.newBuilder().setId(id).build());
    }

    private void shutdown() throws RpcException {
        tasks.shutdown(ShutdownRequest.newBuilder().setId("one").setNow(true).build());
    }

    // ---- a container's life ----

    @Test
    void aContainersLife() throws Exception {
        create("one");
        assertThat(status("")).isEqualTo(Status.CREATED);
        var connected = tasks.connect(ConnectRequest.newBuilder().setId("one").build());
        assertThat(connected.getTaskPid()).isEqualTo(HostProcess.getpid());
        assertThat(connected.getShimPid()).isEqualTo(HostProcess.getpid());
        CompletableFuture<WaitResponse> end = waiting("one", "");
        assertThat(start("one", "")).isEqualTo(HostProcess.getpid());
        StateResponse running = state("one", "");
        assertThat(running.getStatus()).isEqualTo(Status.RUNNING);
        assertThat(running.getPid()).isEqualTo(HostProcess.getpid());
        assertThat(running.getId()).isEqualTo("one");
        assertThat(running.hasExitedAt()).isFalse();
        assertThat(tasks.pids(PidsRequest.newBuilder().setId("one").build()).getProcessesList())
                .hasSize(1);
        refused(Code.FAILED_PRECONDITION, () -> start("one", ""));
        refused(Code.FAILED_PRECONDITION, () -> delete("one", ""));
        assertThat(end).isNotDone();

        gvj.sentry("one").exit(7);
        assertThat(end.get(10, TimeUnit.SECONDS).getExitStatus()).isEqualTo(7);
        assertThat(await("one", "")).isEqualTo(end.get());
        StateResponse stopped = state("one", "");
        assertThat(stopped.getStatus()).isEqualTo(Status.STOPPED);
        assertThat(stopped.getExitStatus()).isEqualTo(7);
        assertThat(stopped.getExitedAt()).isEqualTo(end.get().getExitedAt());
        DeleteResponse deleted = delete("one", "");
        assertThat(deleted.getExitStatus()).isEqualTo(7);
        assertThat(deleted.getExitedAt()).isEqualTo(end.get().getExitedAt());
        assertThat(deleted.getPid()).isEqualTo(HostProcess.getpid());
        assertThat(gvj.events).containsExactly("create one", "start TaskStart", "exit one 7", "delete one 7");
        refused(Code.NOT_FOUND, () -> delete("one", ""));
        refused(Code.NOT_FOUND, () -> state("one", ""));
        create("one"); // its name is free again
    }

    @Test
    void whatGvjIsCalledWith() throws Exception {
        run("one");
        gvj.sentry("one").exit(0);
        await("one", "");
        delete("one", "");
        String root = "--root " + gvj.root();
        String bundle = directory + "/bundle-one";
        assertThat(gvj.calls())
                .containsExactly(
                        root + " --log " + bundle
                                + "/log.json --log-format json --oci-seccomp --platform=systrap create --bundle "
                                + bundle + " --pid-file " + bundle + "/init.pid one",
                        root + " start one",
                        root + " delete --force one");
    }

    @Test
    void oneThatWasNeverStartedIsDeletedToo() throws Exception {
        create("one");
        CompletableFuture<DeleteResponse> deleted = CompletableFuture.supplyAsync(() -> {
            try {
                return delete("one", "");
            } catch (RpcException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        until("it is deleted", () -> gvj.calls().size() == 2);
        gvj.sentry("one").close();
        assertThat(deleted.get(10, TimeUnit.SECONDS).getExitStatus()).isEqualTo(137);
        assertThat(gvj.events).containsExactly("create one", "exit one 137", "delete one 137");
    }

    @Test
    void aSandboxThatDiesHasKilledItsContainer() throws Exception {
        run("one");
        gvj.sentry("one").close();
        assertThat(await("one", "").getExitStatus()).isEqualTo(137);
        refused(Code.NOT_FOUND, () -> kill("one", "", SIGKILL));
        refused(Code.FAILED_PRECONDITION, () -> exec("one", "e"));
    }

    @Test
    void aSignalIs128More() throws Exception {
        run("one");
        gvj.sentry("one").signaled(SIGTERM);
        assertThat(await("one", "").getExitStatus()).isEqualTo(143);
    }

    @Test
    void memoryRunsOutBeforeTheEnd() throws Exception {
        run("one");
        gvj.sentry("one").outOfMemory();
        gvj.sentry("one").signaled(SIGKILL);
        await("one", "");
        assertThat(gvj.events).containsExactly("create one", "start TaskStart", "oom TaskOOM", "exit one 137");
    }

    // ---- what fails ----

    @Test
    void aFailureOfCreateIsWhatTheRuntimeSaidAndLeavesNothing() throws Exception {
        gvj.fail("create", "exec: no such file or directory");
        Path rootfs = directory.resolve("bundle-one/rootfs");
        Mount mount = Mount.newBuilder().setType("tmpfs").setSource("tmpfs").build();
        String message = refused(
                Code.UNKNOWN, () -> tasks.create(request("one").addRootfs(mount).build()));
        assertThat(message).isEqualTo("exec: no such file or directory");
        assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(rootfs.toString());
        assertThat(gvj.events).isEmpty();
        refused(Code.NOT_FOUND, () -> state("one", ""));
        Files.delete(directory.resolve("fail-create"));
        gvj.sentry("one").close();
        create("one");
    }

    @Test
    void aSentryThatDiesAtOnceHasMadeNoContainer() throws Exception {
        CreateTaskRequest request = request("one").build();
        gvj.sentry("one").close();
        assertThat(refused(Code.UNKNOWN, () -> tasks.create(request))).contains("container not running: one");
        assertThat(gvj.events).isEmpty();
        assertThat(gvj.calls().getLast()).endsWith("delete --force one");
    }

    @Test
    void aFailureOfStartIsWhatTheRuntimeSaid() throws Exception {
        create("one");
        gvj.fail("start", "hook failed");
        assertThat(refused(Code.UNKNOWN, () -> start("one", ""))).isEqualTo("hook failed");
        assertThat(status("")).isEqualTo(Status.CREATED);
        Files.delete(directory.resolve("fail-start"));
        start("one", "");
    }

    @Test
    void namesAreTakenOnce() throws Exception {
        create("one");
        CreateTaskRequest again = CreateTaskRequest.newBuilder().setId("one").build();
        refused(Code.ALREADY_EXISTS, () -> tasks.create(again));
        exec("one", "e");
        refused(Code.ALREADY_EXISTS, () -> exec("one", "e"));
    }

    @Test
    void whatIsUnknownIsNotFound() throws Exception {
        for (Call call : calls("none", "")) {
            assertThat(refused(Code.NOT_FOUND, call)).contains("none");
        }
        run("one");
        for (Call call : calls("one", "none")) {
            assertThat(refused(Code.NOT_FOUND, call)).contains("none");
        }
        Call[] ofContainers = {
            () -> pause("none"),
            () -> resume("none"),
            () -> update("none", "{}"),
            () -> stats("none"),
            () -> tasks.pids(PidsRequest.newBuilder().setId("none").build()),
            () -> exec("none", "e"),
        };
        for (Call call : ofContainers) {
            assertThat(refused(Code.NOT_FOUND, call)).isEqualTo("container none does not exist");
        }
        assertThat(tasks.connect(ConnectRequest.newBuilder().setId("none").build())
                        .getTaskPid())
                .isZero();
    }

    private Call[] calls(String id, String exec) {
        return new Call[] {
            () -> start(id, exec),
            () -> state(id, exec),
            () -> kill(id, exec, SIGKILL),
            () -> delete(id, exec),
            () -> resize(id, exec, 1, 1),
            () -> closeInput(id, exec),
            () -> tasks.wait(WaitRequest.newBuilder().setId(id).setExecId(exec).build()),
        };
    }

    @Test
    void checkpointsAreRefused() throws Exception {
        create("one");
        CheckpointTaskRequest checkpoint =
                CheckpointTaskRequest.newBuilder().setId("one").build();
        refused(Code.UNIMPLEMENTED, () -> tasks.checkpoint(checkpoint));
        // not UNIMPLEMENTED: containerd would try an older version of the service
        CreateTaskRequest restored = request("two").setCheckpoint("/image").build();
        refused(Code.FAILED_PRECONDITION, () -> tasks.create(restored));
    }

    @Test
    void whatIsNotMadeYetIsAskedNothing() throws Exception {
        gvj.hold("create");
        CreateTaskRequest request = request("one").build();
        CompletableFuture<Object> made = CompletableFuture.supplyAsync(() -> {
            try {
                return tasks.create(request);
            } catch (RpcException e) {
                throw new IllegalStateException(e);
            }
        });
        until("it is being made", () -> gvj.calls().size() == 1);
        refused(Code.FAILED_PRECONDITION, () -> kill("one", "", SIGTERM));
        refused(Code.FAILED_PRECONDITION, () -> stats("one"));
        refused(Code.FAILED_PRECONDITION, () -> pause("one"));
        gvj.release("create");
        made.get(10, TimeUnit.SECONDS);
        kill("one", "", SIGTERM);
    }

    // ---- signals ----

    @Test
    void signalsAreForTheFirstProcessOrForAll() throws Exception {
        create("one");
        kill("one", "", SIGTERM); // also before it runs
        tasks.kill(KillRequest.newBuilder()
                .setId("one")
                .setSignal(SIGKILL)
                .setAll(true)
                .build());
        assertThat(gvj.sentry("one").heard).contains("kill 15 0", "kill 9 1");
    }

    @Test
    void aSentryThatDoesNotKillIsKilled() throws Exception {
        run("one");
        gvj.sentry("one").refusal = "no";
        refused(Code.UNKNOWN, () -> kill("one", "", SIGTERM));
        kill("one", "", SIGKILL);
        assertThat(gvj.calls().getLast()).endsWith("kill one KILL");
    }

    @Test
    void whatEndsMeanwhileIsNotFound() throws Exception {
        Process monitor = client("exec sleep 1000");
        gvj.setMonitor(monitor.pid(), "");
        run("one");
        gvj.sentry("one").refusal = "the container has ended";
        monitor.destroyForcibly().waitFor(); // of which nobody has told the shim yet
        refused(Code.NOT_FOUND, () -> kill("one", "", SIGTERM));
        refused(Code.NOT_FOUND, () -> kill("one", "", SIGKILL));
    }

    // ---- output ----

    @Test
    void aLoggerThatHangsHoldsUpNoDelete() throws Exception {
        Path logger = Scripts.program(directory.resolve("logger"), "trap '' TERM; exec 5>&-; exec sleep 3");
        tasks.create(request("one").setStdout("binary://" + logger).build());
        start("one", "");
        gvj.sentry("one").exit(0);
        await("one", "");
        long before = System.nanoTime();
        delete("one", "");
        assertThat(System.nanoTime() - before).isLessThan(2_500_000_000L);
    }

    @Test
    void theRuntimesOutputIsTheContainers() throws Exception {
        Path log = directory.resolve("log");
        tasks.create(request("one").setStdout("file://" + log).build());
        assertThat(log).hasContent("created\n");
    }

    // ---- more processes ----

    @Test
    void anExecutionsLife() throws Exception {
        run("one");
        exec("one", "e");
        StateResponse added = state("one", "e");
        assertThat(added.getStatus()).isEqualTo(Status.CREATED);
        assertThat(added.getPid()).isZero();
        assertThat(added.getId()).isEqualTo("e");
        assertThat(added.getExecId()).isEqualTo("e");
        refused(Code.FAILED_PRECONDITION, () -> kill("one", "e", SIGKILL));
        CompletableFuture<WaitResponse> end = waiting("one", "e");
        assertThat(start("one", "e")).isEqualTo(100);
        assertThat(status("e")).isEqualTo(Status.RUNNING);
        refused(Code.FAILED_PRECONDITION, () -> start("one", "e"));
        refused(Code.FAILED_PRECONDITION, () -> delete("one", "e"));
        kill("one", "e", SIGTERM);
        assertThat(end.get(10, TimeUnit.SECONDS).getExitStatus()).isEqualTo(143);
        assertThat(status("e")).isEqualTo(Status.STOPPED);
        refused(Code.NOT_FOUND, () -> kill("one", "e", SIGKILL));
        assertThat(delete("one", "e").getExitStatus()).isEqualTo(143);
        refused(Code.NOT_FOUND, () -> delete("one", "e"));
        assertThat(status("")).isEqualTo(Status.RUNNING);
        assertThat(gvj.events)
                .containsExactly(
                        "create one",
                        "start TaskStart",
                        "exec-added TaskExecAdded",
                        "exec-started TaskExecStarted",
                        "exit e 143");
        exec("one", "e");
    }

    @Test
    void oneThatCannotBeStartedHasEnded() throws Exception {
        run("one");
        exec("one", "e");
        CompletableFuture<WaitResponse> end = waiting("one", "e");
        gvj.sentry("one").refusal = "exec: none: no such file or directory";
        assertThat(refused(Code.UNKNOWN, () -> start("one", "e"))).contains("no such file or directory");
        end.get(10, TimeUnit.SECONDS); // or CRI would wait for ever
        assertThat(status("e")).isEqualTo(Status.STOPPED);
        delete("one", "e");
        assertThat(gvj.events).noneMatch(event -> event.startsWith("exit"));
    }

    @Test
    void oneWhoseStreamsAreNotThereHasEndedToo() throws Exception {
        run("one");
        tasks.exec(ExecProcessRequest.newBuilder()
                .setId("one")
                .setExecId("e")
                .setStdout("/no/such/fifo")
                .build());
        int before = new java.io.File("/proc/self/fd").list().length;
        refused(Code.UNKNOWN, () -> start("one", "e"));
        delete("one", "e");
        assertThat(new java.io.File("/proc/self/fd").list().length)
                .isLessThanOrEqualTo(before + 1); // the Sentry's, for a moment
    }

    @Test
    void oneThatWasNotStartedIsDeleted() throws Exception {
        run("one");
        exec("one", "e");
        assertThat(delete("one", "e").getExitStatus()).isZero();
    }

    @Test
    void theFirstProcesssEndIsTheLast() throws Exception {
        run("one");
        exec("one", "told");
        exec("one", "untold");
        start("one", "told");
        start("one", "untold");
        gvj.sentry("one").silent = true;
        gvj.sentry("one").exit(0, 5);
        await("one", "told");
        long before = System.nanoTime();
        gvj.sentry("one").exit(3);
        assertThat(await("one", "").getExitStatus()).isEqualTo(3);
        assertThat(System.nanoTime() - before).isLessThan(6_000_000_000L);
        assertThat(await("one", "untold").getExitStatus()).isEqualTo(137);
        assertThat(gvj.events).endsWith("exit told 5", "exit untold 137", "exit one 3");
        assertThat(gvj.sentry("one").heard).contains("signal 9");
        refused(Code.FAILED_PRECONDITION, () -> start("one", "told"));
        delete("one", "");
        refused(Code.NOT_FOUND, () -> state("one", "told"));
    }

    // ---- pausing, limits, sizes ----

    @Test
    void pausingAndResuming() throws Exception {
        run("one");
        exec("one", "e");
        start("one", "e");
        refused(Code.FAILED_PRECONDITION, () -> resume("one"));
        pause("one");
        assertThat(status("")).isEqualTo(Status.PAUSED);
        assertThat(status("e")).isEqualTo(Status.PAUSED);
        refused(Code.FAILED_PRECONDITION, () -> pause("one"));
        kill("one", "", SIGKILL);
        resume("one");
        assertThat(status("")).isEqualTo(Status.RUNNING);
        assertThat(gvj.sentry("one").heard)
                .contains("request " + Control.PAUSE, "request " + Control.RESUME, "kill 9 0");
        assertThat(gvj.events).endsWith("paused TaskPaused", "resumed TaskResumed");
        pause("one");
        gvj.sentry("one").exit(0, 0);
        gvj.sentry("one").exit(0);
        await("one", "");
        assertThat(status("")).isEqualTo(Status.STOPPED);
        refused(Code.FAILED_PRECONDITION, () -> resume("one"));
    }

    @Test
    void limitsGoToTheRuntimeAsTheyAre() throws Exception {
        create("one");
        String resources = "{\"memory\":{\"limit\":67108864}}";
        update("one", resources);
        assertThat(gvj.updated()).isEqualTo(resources);
        assertThat(gvj.calls().getLast()).endsWith("update -r - one");
        gvj.fail("update", "memory.limit: more is in use");
        assertThat(refused(Code.UNKNOWN, () -> update("one", resources))).isEqualTo("memory.limit: more is in use");
        gvj.sentry("one").exit(0);
        await("one", "");
        refused(Code.FAILED_PRECONDITION, () -> update("one", resources));
    }

    @Test
    void withoutATerminalASizeIsNothing() throws Exception {
        run("one");
        exec("one", "e");
        resize("one", "", 1, 1);
        resize("one", "e", 1, 1);
        start("one", "e");
        resize("one", "e", 1, 1);
        closeInput("one", "");
        closeInput("one", "e");
        assertThat(gvj.sentry("one").heard).noneMatch(line -> line.startsWith("window"));
    }

    @Test
    void aTerminalHasItsSize() throws Exception {
        Path stdin = directory.resolve("stdin");
        Path stdout = directory.resolve("stdout");
        outputOf(client("mkfifo " + stdin + " " + stdout));
        CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> {
            try {
                return outputOf(client("cat <" + stdout));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        tasks.create(request("one")
                .setTerminal(true)
                .setStdin(stdin.toString())
                .setStdout(stdout.toString())
                .build());
        assertThat(state("one", "").getTerminal()).isTrue();
        resize("one", "", 33, 77);
        outputOf(client("echo go >" + stdin));
        assertThat(output.get(10, TimeUnit.SECONDS)).isEqualTo("33 77\nend\n");
        assertThat(directory.resolve("bundle-one/console.sock")).doesNotExist();
    }

    @Test
    void anExecutionsTerminalHasItsSizeToo() throws Exception {
        run("one");
        tasks.exec(ExecProcessRequest.newBuilder()
                .setId("one")
                .setExecId("e")
                .setTerminal(true)
                .build());
        resize("one", "e", 11, 22); // kubectl may be quicker than Start
        start("one", "e");
        resize("one", "e", 33, 77);
        until("it hears of it", () -> gvj.sentry("one").heard.contains("window 33 77"));
        assertThat(gvj.sentry("one").heard).contains("exec at a terminal", "window 11 22");
    }

    // ---- the shim's end ----

    @Test
    void theShimEndsWithItsLastContainer() throws Exception {
        run("one");
        create("two");
        gvj.sentry("one").exit(0);
        await("one", "");
        delete("one", "");
        shutdown();
        assertThat(gvj.stopped).isFalse();
        assertThat(tasks.idle()).isFalse();
        gvj.sentry("two").exit(0);
        await("two", "");
        delete("two", "");
        shutdown();
        shutdown();
        assertThat(gvj.stopped).isTrue();
    }
}
