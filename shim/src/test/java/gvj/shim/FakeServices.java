package gvj.shim;

import com.google.protobuf.Empty;
import gvj.proto.sandbox.CreateSandboxRequest;
import gvj.proto.sandbox.CreateSandboxResponse;
import gvj.proto.sandbox.PingRequest;
import gvj.proto.sandbox.PingResponse;
import gvj.proto.sandbox.PlatformRequest;
import gvj.proto.sandbox.PlatformResponse;
import gvj.proto.sandbox.SandboxMetricsRequest;
import gvj.proto.sandbox.SandboxMetricsResponse;
import gvj.proto.sandbox.SandboxStatusRequest;
import gvj.proto.sandbox.SandboxStatusResponse;
import gvj.proto.sandbox.ShutdownSandboxRequest;
import gvj.proto.sandbox.ShutdownSandboxResponse;
import gvj.proto.sandbox.StartSandboxRequest;
import gvj.proto.sandbox.StartSandboxResponse;
import gvj.proto.sandbox.StopSandboxRequest;
import gvj.proto.sandbox.StopSandboxResponse;
import gvj.proto.sandbox.WaitSandboxRequest;
import gvj.proto.sandbox.WaitSandboxResponse;
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
import gvj.proto.types.Platform;
import gvj.shim.api.RpcException;
import gvj.shim.api.SandboxService;
import gvj.shim.api.TaskService;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** Services with containers that are only names. */
public final class FakeServices implements TaskService, SandboxService {
    public static final int PID = 4711;

    public final CountDownLatch waiting = new CountDownLatch(1);
    public final CountDownLatch givenUp = new CountDownLatch(1);
    public volatile int answerLength;
    private final CountDownLatch killed = new CountDownLatch(1);
    private final Set<String> containers = ConcurrentHashMap.newKeySet();

    private void find(String id) throws RpcException {
        if (!containers.contains(id)) {
            throw RpcException.notFound("container " + id);
        }
    }

    @Override
    public boolean idle() {
        return containers.isEmpty();
    }

    @Override
    public StateResponse state(StateRequest request) throws RpcException {
        find(request.getId());
        return StateResponse.newBuilder().setId(request.getId()).setPid(PID).build();
    }

    @Override
    public CreateTaskResponse create(CreateTaskRequest request) throws RpcException {
        if (!containers.add(request.getId())) {
            throw RpcException.alreadyExists(request.getId());
        }
        return CreateTaskResponse.newBuilder().setPid(PID).build();
    }

    @Override
    public StartResponse start(StartRequest request) throws RpcException {
        throw RpcException.failedPrecondition("start");
    }

    @Override
    public DeleteResponse delete(DeleteRequest request) throws RpcException {
        find(request.getId());
        containers.remove(request.getId());
        return DeleteResponse.newBuilder().setPid(PID).build();
    }

    @Override
    public PidsResponse pids(PidsRequest request) throws RpcException {
        throw RpcException.failedPrecondition("pids");
    }

    @Override
    public Empty pause(PauseRequest request) throws RpcException {
        throw RpcException.failedPrecondition("pause");
    }

    @Override
    public Empty resume(ResumeRequest request) throws RpcException {
        throw RpcException.failedPrecondition("resume");
    }

    @Override
    public Empty checkpoint(CheckpointTaskRequest request) throws RpcException {
        throw RpcException.failedPrecondition("checkpoint");
    }

    @Override
    public Empty kill(KillRequest request) throws RpcException {
        find(request.getId());
        killed.countDown();
        return Empty.getDefaultInstance();
    }

    @Override
    public Empty exec(ExecProcessRequest request) throws RpcException {
        throw RpcException.failedPrecondition("exec");
    }

    @Override
    public Empty resizePty(ResizePtyRequest request) throws RpcException {
        throw RpcException.failedPrecondition("resizePty");
    }

    @Override
    public Empty closeIO(CloseIORequest request) throws RpcException {
        throw RpcException.failedPrecondition("closeIO");
    }

    @Override
    public Empty update(UpdateTaskRequest request) {
        throw new IllegalStateException("a bug");
    }

    @Override
    public WaitResponse wait(WaitRequest request) throws RpcException, InterruptedException {
        find(request.getId());
        try {
            waiting.countDown();
            killed.await();
            return WaitResponse.newBuilder().setExitStatus(137).build();
        } catch (InterruptedException e) {
            givenUp.countDown();
            throw e;
        }
    }

    @Override
    public StatsResponse stats(StatsRequest request) throws RpcException {
        throw RpcException.failedPrecondition("stats");
    }

    @Override
    public ConnectResponse connect(ConnectRequest request) {
        return ConnectResponse.newBuilder()
                .setShimPid(1)
                .setVersion("x".repeat(answerLength))
                .build();
    }

    @Override
    public Empty shutdown(ShutdownRequest request) throws RpcException {
        throw RpcException.failedPrecondition("shutdown");
    }

    @Override
    public CreateSandboxResponse createSandbox(CreateSandboxRequest request) throws RpcException {
        throw RpcException.failedPrecondition("createSandbox");
    }

    @Override
    public StartSandboxResponse startSandbox(StartSandboxRequest request) throws RpcException {
        throw RpcException.failedPrecondition("startSandbox");
    }

    @Override
    public PlatformResponse platform(PlatformRequest request) {
        return PlatformResponse.newBuilder()
                .setPlatform(Platform.newBuilder().setOs("linux").setArchitecture("amd64"))
                .build();
    }

    @Override
    public StopSandboxResponse stopSandbox(StopSandboxRequest request) throws RpcException {
        throw RpcException.failedPrecondition("stopSandbox");
    }

    @Override
    public WaitSandboxResponse waitSandbox(WaitSandboxRequest request) throws RpcException {
        throw RpcException.failedPrecondition("waitSandbox");
    }

    @Override
    public SandboxStatusResponse sandboxStatus(SandboxStatusRequest request) throws RpcException {
        throw RpcException.failedPrecondition("sandboxStatus");
    }

    @Override
    public PingResponse pingSandbox(PingRequest request) throws RpcException {
        throw RpcException.failedPrecondition("pingSandbox");
    }

    @Override
    public ShutdownSandboxResponse shutdownSandbox(ShutdownSandboxRequest request) throws RpcException {
        throw RpcException.failedPrecondition("shutdownSandbox");
    }

    @Override
    public SandboxMetricsResponse sandboxMetrics(SandboxMetricsRequest request) throws RpcException {
        throw RpcException.failedPrecondition("sandboxMetrics");
    }
}
