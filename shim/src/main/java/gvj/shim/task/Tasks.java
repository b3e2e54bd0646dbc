package gvj.shim.task;

import com.google.protobuf.Empty;
import gvj.host.HostProcess;
import gvj.proto.task.CheckpointTaskRequest;
import gvj.proto.task.CloseIORequest;
import gvj.proto.task.ConnectRequest;
import gvj.proto.task.ConnectResponse;
import gvj.proto.task.CreateTaskRequest;
import gvj.proto.task.CreateTaskResponse;
import gvj.proto.task.DeleteRequest;
import gvj.proto.task.DeleteResponse;
import gvj.proto.task.ExecProcessRequest;
import gvj.proto.task.KillRequest;
import gvj.proto.task.PauseRequest;
import gvj.proto.task.PidsRequest;
import gvj.proto.task.PidsResponse;
import gvj.proto.task.ResizePtyRequest;
import gvj.proto.task.ResumeRequest;
import gvj.proto.task.ShutdownRequest;
import gvj.proto.task.StartRequest;
import gvj.proto.task.StartResponse;
import gvj.proto.task.StateRequest;
import gvj.proto.task.StateResponse;
import gvj.proto.task.StatsRequest;
import gvj.proto.task.StatsResponse;
import gvj.proto.task.UpdateTaskRequest;
import gvj.proto.task.WaitRequest;
import gvj.proto.task.WaitResponse;
import gvj.proto.types.ProcessInfo;
import gvj.runtime.ToolException;
import gvj.shim.api.RpcException;
import gvj.shim.api.ShimContext;
import gvj.shim.api.TaskService;
import gvj.shim.io.StdioPaths;
import gvj.shim.process.Container;
import gvj.shim.process.Execution;
import gvj.shim.process.Exit;
import gvj.shim.process.Process;
import gvj.shim.process.Times;
import gvj.shim.stats.Metrics;
import gvj.shim.stats.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The Task service: the containers of one shim, which are those of one pod. */
class Tasks implements TaskService {
    private static final Empty NOTHING = Empty.getDefaultInstance();
    private static final String VERSION = "0.1.0";

    final ShimContext context;
    private final Map<String, Container> containers = new ConcurrentHashMap<>();

    Tasks(ShimContext context) {
        this.context = context;
    }

    // ---- containers ----

    @Override
    public CreateTaskResponse create(CreateTaskRequest request) throws RpcException {
        String id = request.getId();
        if (!request.getCheckpoint().isEmpty()) {
            throw RpcException.failedPrecondition("containers cannot be restored from a checkpoint");
        }
        StdioPaths paths = new StdioPaths(
                id,
                context.namespace(),
                request.getTerminal(),
                request.getStdin(),
                request.getStdout(),
                request.getStderr());
        Container container = new Container(context, context.events(), id, request.getBundle(), paths);
        if (containers.putIfAbsent(id, container) != null) {
            throw RpcException.alreadyExists("container " + id + " exists already");
        }
        try {
            prepare(container);
            container.create(request.getRootfsList());
        } catch (RpcException | RuntimeException e) {
            containers.remove(id);
            throw e;
        }
        return CreateTaskResponse.newBuilder().setPid(container.init().pid()).build();
    }

    /** Before a container is made of its bundle. */
    void prepare(Container container) throws RpcException {}

    @Override
    public StartResponse start(StartRequest request) throws RpcException {
        Container container = container(request.getId());
        if (request.getExecId().isEmpty()) {
            container.start();
        } else {
            container.start(container.execution(request.getExecId()));
        }
        return StartResponse.newBuilder()
                .setPid(process(request.getId(), request.getExecId()).pid())
                .build();
    }

    @Override
    public DeleteResponse delete(DeleteRequest request) throws RpcException, InterruptedException {
        Container container = container(request.getId());
        Process process = process(request.getId(), request.getExecId());
        Exit exit;
        if (process instanceof Execution execution) {
            exit = container.delete(execution);
        } else {
            exit = container.delete();
            if (!containers.remove(request.getId(), container)) {
                throw unknown(request.getId());
            }
            container.publishDeleted(exit);
        }
        return DeleteResponse.newBuilder()
                .setPid(process.pid())
                .setExitStatus(exit.status())
                .setExitedAt(Times.of(exit.at()))
                .build();
    }

    @Override
    public Empty pause(PauseRequest request) throws RpcException {
        container(request.getId()).pause();
        return NOTHING;
    }

    @Override
    public Empty resume(ResumeRequest request) throws RpcException {
        container(request.getId()).resume();
        return NOTHING;
    }

    @Override
    public Empty update(UpdateTaskRequest request) throws RpcException {
        container(request.getId()).update(request.getResources().getValue().toByteArray());
        return NOTHING;
    }

    @Override
    public Empty checkpoint(CheckpointTaskRequest request) throws RpcException {
        throw RpcException.unimplemented("containers cannot be checkpointed");
    }

    // ---- processes ----

    @Override
    public Empty exec(ExecProcessRequest request) throws RpcException {
        StdioPaths paths = new StdioPaths(
                request.getExecId(),
                context.namespace(),
                request.getTerminal(),
                request.getStdin(),
                request.getStdout(),
                request.getStderr());
        byte[] spec = request.getSpec().getValue().toByteArray();
        container(request.getId()).add(request.getExecId(), paths, spec);
        return NOTHING;
    }

    @Override
    public Empty kill(KillRequest request) throws RpcException {
        Container container = container(request.getId());
        int signal = request.getSignal();
        if (request.getExecId().isEmpty()) {
            container.kill(signal, request.getAll());
        } else {
            container.kill(container.execution(request.getExecId()), signal);
        }
        return NOTHING;
    }

    @Override
    public Empty resizePty(ResizePtyRequest request) throws RpcException {
        process(request.getId(), request.getExecId()).resize(request.getHeight(), request.getWidth());
        return NOTHING;
    }

    @Override
    public Empty closeIO(CloseIORequest request) throws RpcException {
        if (request.getStdin()) {
            process(request.getId(), request.getExecId()).closeStdin();
        }
        return NOTHING;
    }

    @Override
    public WaitResponse wait(WaitRequest request) throws RpcException, InterruptedException {
        Exit exit = process(request.getId(), request.getExecId()).await();
        return WaitResponse.newBuilder()
                .setExitStatus(exit.status())
                .setExitedAt(Times.of(exit.at()))
                .build();
    }

    @Override
    public StateResponse state(StateRequest request) throws RpcException {
        Container container = container(request.getId());
        Process process = process(request.getId(), request.getExecId());
        StdioPaths paths = process.paths();
        StateResponse.Builder state = StateResponse.newBuilder()
                .setId(paths.id())
                .setBundle(container.bundle())
                .setPid(process.pid())
                .setStatus(process.status(container.isPaused()))
                .setStdin(paths.stdin())
                .setStdout(paths.stdout())
                .setStderr(paths.stderr())
                .setTerminal(paths.terminal())
                .setExecId(request.getExecId());
        Exit exit = process.exit();
        if (exit != null) {
            state.setExitStatus(exit.status()).setExitedAt(Times.of(exit.at()));
        }
        return state.build();
    }

    // ---- what is known of them ----

    /** The host's process that stands for a container, its monitor: others have no number on the host. */
    @Override
    public PidsResponse pids(PidsRequest request) throws RpcException {
        Container container = container(request.getId());
        return PidsResponse.newBuilder()
                .addProcesses(ProcessInfo.newBuilder().setPid(container.init().pid()))
                .build();
    }

    @Override
    public StatsResponse stats(StatsRequest request) throws RpcException {
        Container container = container(request.getId());
        try {
            return StatsResponse.newBuilder()
                    .setStats(Metrics.of(Usage.of(container.handle())))
                    .build();
        } catch (ToolException e) {
            throw new RpcException(
                    container.init().exit() == null ? RpcException.Code.UNKNOWN : RpcException.Code.NOT_FOUND,
                    e.getMessage(),
                    e);
        }
    }

    @Override
    public ConnectResponse connect(ConnectRequest request) {
        Container container = containers.get(request.getId());
        return ConnectResponse.newBuilder()
                .setShimPid(HostProcess.getpid())
                .setTaskPid(container == null ? 0 : container.init().pid())
                .setVersion(VERSION)
                .build();
    }

    // ---- the shim ----

    @Override
    public Empty shutdown(ShutdownRequest request) {
        if (idle()) {
            context.stop();
        }
        return NOTHING;
    }

    @Override
    public boolean idle() {
        return containers.isEmpty();
    }

    /** Where the state of those is that have not ended. */
    List<gvj.runtime.Container> living() throws RpcException {
        List<gvj.runtime.Container> living = new ArrayList<>();
        for (Container container : containers.values()) {
            if (container.isMade() && container.init().exit() == null) {
                living.add(container.handle());
            }
        }
        return living;
    }

    /** Takes away all that are left, whatever they do. */
    void removeTasks() throws InterruptedException {
        for (Container container : List.copyOf(containers.values())) {
            try {
                container.discard();
            } catch (RpcException e) {
                context.log("container " + container.id() + ": " + e.getMessage());
            }
        }
        containers.clear();
    }

    private Container container(String id) throws RpcException {
        Container container = containers.get(id);
        if (container == null) {
            throw unknown(id);
        }
        return container;
    }

    private static RpcException unknown(String id) {
        return RpcException.notFound("container " + id + " does not exist");
    }

    private Process process(String id, String execId) throws RpcException {
        Container container = container(id);
        return execId.isEmpty() ? container.init() : container.execution(execId);
    }
}
