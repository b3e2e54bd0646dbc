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
import gvj.proto.types.Platform;
import gvj.shim.api.RpcException;
import gvj.shim.api.SandboxService;
import gvj.shim.api.ShimContext;

/**
 * The services of a shim. A pod's sandbox is made as its first container, which containerd does with
 * {@code sandboxer = "podsandbox"}; one without a container to begin with is refused.
 */
public final class Pod extends Tasks implements SandboxService {
    private static final String REFUSAL =
            "a sandbox without a container is not supported: use containerd's sandboxer \"podsandbox\"";

    public Pod(ShimContext context) {
        super(context);
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

    @Override
    public CreateSandboxResponse createSandbox(CreateSandboxRequest request) throws RpcException {
        throw RpcException.unimplemented(REFUSAL);
    }

    @Override
    public StartSandboxResponse startSandbox(StartSandboxRequest request) throws RpcException {
        throw RpcException.unimplemented(REFUSAL);
    }

    @Override
    public StopSandboxResponse stopSandbox(StopSandboxRequest request) throws RpcException {
        throw RpcException.unimplemented(REFUSAL);
    }

    @Override
    public WaitSandboxResponse waitSandbox(WaitSandboxRequest request) throws RpcException {
        throw RpcException.unimplemented(REFUSAL);
    }

    @Override
    public SandboxStatusResponse sandboxStatus(SandboxStatusRequest request) throws RpcException {
        throw RpcException.unimplemented(REFUSAL);
    }

    @Override
    public ShutdownSandboxResponse shutdownSandbox(ShutdownSandboxRequest request) {
        if (idle()) {
            context.stop();
        }
        return ShutdownSandboxResponse.getDefaultInstance();
    }

    @Override
    public SandboxMetricsResponse sandboxMetrics(SandboxMetricsRequest request) throws RpcException {
        throw RpcException.unimplemented(REFUSAL);
    }
}
