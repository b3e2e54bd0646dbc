package gvj.shim.api;

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

/** containerd's Sandbox service, for {@code sandboxer = "shim"}. Calls are made as those of {@link TaskService}. */
public interface SandboxService {
    CreateSandboxResponse createSandbox(CreateSandboxRequest request) throws RpcException, InterruptedException;

    StartSandboxResponse startSandbox(StartSandboxRequest request) throws RpcException, InterruptedException;

    PlatformResponse platform(PlatformRequest request) throws RpcException, InterruptedException;

    StopSandboxResponse stopSandbox(StopSandboxRequest request) throws RpcException, InterruptedException;

    WaitSandboxResponse waitSandbox(WaitSandboxRequest request) throws RpcException, InterruptedException;

    SandboxStatusResponse sandboxStatus(SandboxStatusRequest request) throws RpcException, InterruptedException;

    PingResponse pingSandbox(PingRequest request) throws RpcException, InterruptedException;

    ShutdownSandboxResponse shutdownSandbox(ShutdownSandboxRequest request) throws RpcException, InterruptedException;

    SandboxMetricsResponse sandboxMetrics(SandboxMetricsRequest request) throws RpcException, InterruptedException;
}
