package gvj.shim.task;

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
import gvj.proto.types.Metric;
import gvj.proto.types.Platform;
import gvj.runtime.ToolException;
import gvj.shim.api.RpcException;
import gvj.shim.api.SandboxService;
import gvj.shim.api.ShimContext;
import gvj.shim.process.Container;
import gvj.shim.process.Exit;
import gvj.shim.process.Times;
import gvj.shim.sandbox.Sandbox;
import gvj.shim.stats.Metrics;
import gvj.shim.stats.Usage;
import java.time.Instant;

/**
 * The services of a shim. With containerd's {@code sandboxer = "podsandbox"} a pod's sandbox is its first task; with {@code "shim"} it is
 * asked for here, and is no task.
 */
public final class Pod extends Tasks implements SandboxService {
    private static final String READY = "SANDBOX_READY";
    private static final String NOT_READY = "SANDBOX_NOTREADY";

    /** Held while a sandbox is made or removed. */
    private final Object order = new Object();

    private volatile Sandbox sandbox;

    public Pod(ShimContext context) {
        super(context);
    }

    // ---- one sandbox ----

    @Override
    public CreateSandboxResponse createSandbox(CreateSandboxRequest request) throws RpcException {
        synchronized (order) {
            if (sandbox != null) {
                throw RpcException.alreadyExists("sandbox " + sandbox.id() + " exists already");
            }
            if (!super.idle()) {
                throw RpcException.failedPrecondition("this shim has containers already");
            }
            sandbox = Sandbox.create(context, request);
        }
        return CreateSandboxResponse.getDefaultInstance();
    }

    @Override
    public StartSandboxResponse startSandbox(StartSandboxRequest request) throws RpcException {
        Sandbox started = sandbox(request.getSandboxId());
        started.start();
        return StartSandboxResponse.newBuilder()
                .setPid(started.container().init().pid())
                .setCreatedAt(Times.of(started.createdAt()))
                .build();
    }

    @Override
    public StopSandboxResponse stopSandbox(StopSandboxRequest request) throws RpcException, InterruptedException {
        sandbox(request.getSandboxId()).stop();
        return StopSandboxResponse.getDefaultInstance();
    }

    @Override
    public WaitSandboxResponse waitSandbox(WaitSandboxRequest request) throws RpcException, InterruptedException {
        Exit exit = sandbox(request.getSandboxId()).await();
        return WaitSandboxResponse.newBuilder()
                .setExitStatus(exit.status())
                .setExitedAt(Times.of(exit.at()))
                .build();
    }

    /** The tasks that are left in it end with it: nobody would come for them. */
    @Override
    public ShutdownSandboxResponse shutdownSandbox(ShutdownSandboxRequest request)
            throws RpcException, InterruptedException {
        synchronized (order) {
            if (sandbox != null) {
                sandbox(request.getSandboxId()).remove();
                sandbox = null;
                removeTasks();
            }
        }
        if (idle()) {
            context.stop();
        }
        return ShutdownSandboxResponse.getDefaultInstance();
    }

    @Override
    public boolean idle() {
        return sandbox == null && super.idle();
    }

    @Override
    void prepare(Container container) throws RpcException {
        Sandbox pod = sandbox;
        if (pod != null) {
            pod.prepare(container);
        }
    }

    private Sandbox sandbox(String id) throws RpcException {
        Sandbox found = sandbox;
        if (found == null || !found.id().equals(id)) {
            throw RpcException.notFound("sandbox " + id + " does not exist");
        }
        return found;
    }

    // ---- what is known of it ----

    @Override
    public SandboxStatusResponse sandboxStatus(SandboxStatusRequest request) throws RpcException {
        Sandbox asked = sandbox(request.getSandboxId());
        Exit exit = asked.container().init().exit();
        SandboxStatusResponse.Builder status = SandboxStatusResponse.newBuilder()
                .setSandboxId(asked.id())
                .setPid(asked.container().init().pid())
                .setState(asked.ready() ? READY : NOT_READY)
                .setCreatedAt(Times.of(asked.createdAt()));
        if (exit != null) {
            status.setExitedAt(Times.of(exit.at()));
        }
        if (request.getVerbose()) {
            status.putInfo("bundle", asked.container().bundle());
            status.putInfo("root", context.root());
        }
        return status.build();
    }

    /** Of the whole pod: all of its containers, Sentry and gofer. */
    @Override
    public SandboxMetricsResponse sandboxMetrics(SandboxMetricsRequest request) throws RpcException {
        Sandbox asked = sandbox(request.getSandboxId());
        try {
            return SandboxMetricsResponse.newBuilder()
                    .setMetrics(Metric.newBuilder()
                            .setTimestamp(Times.of(Instant.now()))
                            .setId(asked.id())
                            .setData(Metrics.of(Usage.ofPod(asked.container().handle(), living()))))
                    .build();
        } catch (ToolException e) {
            throw new RpcException(RpcException.Code.UNKNOWN, e.getMessage(), e);
        }
    }

    @Override
    public PlatformResponse platform(PlatformRequest request) {
        return PlatformResponse.newBuilder()
                .setPlatform(Platform.newBuilder().setOs("linux").setArchitecture("amd64"))
                .build();
    }

    @Override
    public PingResponse pingSandbox(PingRequest request) {
        return PingResponse.getDefaultInstance();
    }
}
