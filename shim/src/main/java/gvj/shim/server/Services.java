package gvj.shim.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import gvj.proto.sandbox.CreateSandboxRequest;
import gvj.proto.sandbox.PingRequest;
import gvj.proto.sandbox.PlatformRequest;
import gvj.proto.sandbox.SandboxMetricsRequest;
import gvj.proto.sandbox.SandboxStatusRequest;
import gvj.proto.sandbox.ShutdownSandboxRequest;
import gvj.proto.sandbox.StartSandboxRequest;
import gvj.proto.sandbox.StopSandboxRequest;
import gvj.proto.sandbox.WaitSandboxRequest;
import gvj.proto.task.CheckpointTaskRequest;
import gvj.proto.task.CloseIORequest;
import gvj.proto.task.ConnectRequest;
import gvj.proto.task.CreateTaskRequest;
import gvj.proto.task.DeleteRequest;
import gvj.proto.task.ExecProcessRequest;
import gvj.proto.task.KillRequest;
import gvj.proto.task.PauseRequest;
import gvj.proto.task.PidsRequest;
import gvj.proto.task.ResizePtyRequest;
import gvj.proto.task.ResumeRequest;
import gvj.proto.task.ShutdownRequest;
import gvj.proto.task.StartRequest;
import gvj.proto.task.StateRequest;
import gvj.proto.task.StatsRequest;
import gvj.proto.task.UpdateTaskRequest;
import gvj.proto.task.WaitRequest;
import gvj.shim.api.RpcException;
import gvj.shim.api.SandboxService;
import gvj.shim.api.TaskService;
import gvj.ttrpc.Dispatcher;
import java.util.concurrent.atomic.AtomicInteger;

/** The shim's services by their names; switches on strings, because a table of lambdas costs a start some milliseconds. */
final class Services implements Dispatcher {
    private static final String TASK_V2 = "containerd.task.v2.Task";
    private static final String TASK_V3 = "containerd.task.v3.Task"; // the same messages
    private static final String SANDBOX = "containerd.runtime.sandbox.v1.Sandbox";

    private final TaskService tasks;
    private final SandboxService sandboxes;
    private final AtomicInteger active = new AtomicInteger();

    Services(TaskService tasks, SandboxService sandboxes) {
        this.tasks = tasks;
        this.sandboxes = sandboxes;
    }

    @Override
    public MessageLite call(String service, String method, ByteString request)
            throws RpcException, InterruptedException {
        boolean counted = !waits(service, method);
        if (counted) {
            active.incrementAndGet();
        }
        try {
            return switch (service) {
                case TASK_V2, TASK_V3 -> task(method, request);
                case SANDBOX -> sandbox(method, request);
                default -> throw RpcException.unimplemented("service " + service);
            };
        } catch (InvalidProtocolBufferException e) {
            throw new RpcException(RpcException.Code.INVALID_ARGUMENT, "not a request: " + e.getMessage(), e);
        } finally {
            if (counted) {
                active.decrementAndGet();
            }
        }
    }

    @Override
    public boolean waits(String service, String method) {
        return service.equals(SANDBOX) ? method.equals("WaitSandbox") : method.equals("Wait");
    }

    /** Calls under way, but for those that wait. */
    int active() {
        return active.get();
    }

    private MessageLite task(String method, ByteString request)
            throws RpcException, InterruptedException, InvalidProtocolBufferException {
        return switch (method) {
            case "State" -> tasks.state(StateRequest.parseFrom(request));
            case "Create" -> tasks.create(CreateTaskRequest.parseFrom(request));
            case "Start" -> tasks.start(StartRequest.parseFrom(request));
            case "Delete" -> tasks.delete(DeleteRequest.parseFrom(request));
            case "Pids" -> tasks.pids(PidsRequest.parseFrom(request));
            case "Pause" -> tasks.pause(PauseRequest.parseFrom(request));
            case "Resume" -> tasks.resume(ResumeRequest.parseFrom(request));
            case "Checkpoint" -> tasks.checkpoint(CheckpointTaskRequest.parseFrom(request));
            case "Kill" -> tasks.kill(KillRequest.parseFrom(request));
            case "Exec" -> tasks.exec(ExecProcessRequest.parseFrom(request));
            case "ResizePty" -> tasks.resizePty(ResizePtyRequest.parseFrom(request));
            case "CloseIO" -> tasks.closeIO(CloseIORequest.parseFrom(request));
            case "Update" -> tasks.update(UpdateTaskRequest.parseFrom(request));
            case "Wait" -> tasks.wait(WaitRequest.parseFrom(request));
            case "Stats" -> tasks.stats(StatsRequest.parseFrom(request));
            case "Connect" -> tasks.connect(ConnectRequest.parseFrom(request));
            case "Shutdown" -> tasks.shutdown(ShutdownRequest.parseFrom(request));
            default -> throw RpcException.unimplemented("method " + method);
        };
    }

    private MessageLite sandbox(String method, ByteString request)
            throws RpcException, InterruptedException, InvalidProtocolBufferException {
        return switch (method) {
            case "CreateSandbox" -> sandboxes.createSandbox(CreateSandboxRequest.parseFrom(request));
            case "StartSandbox" -> sandboxes.startSandbox(StartSandboxRequest.parseFrom(request));
            case "Platform" -> sandboxes.platform(PlatformRequest.parseFrom(request));
            case "StopSandbox" -> sandboxes.stopSandbox(StopSandboxRequest.parseFrom(request));
            case "WaitSandbox" -> sandboxes.waitSandbox(WaitSandboxRequest.parseFrom(request));
            case "SandboxStatus" -> sandboxes.sandboxStatus(SandboxStatusRequest.parseFrom(request));
            case "PingSandbox" -> sandboxes.pingSandbox(PingRequest.parseFrom(request));
            case "ShutdownSandbox" -> sandboxes.shutdownSandbox(ShutdownSandboxRequest.parseFrom(request));
            case "SandboxMetrics" -> sandboxes.sandboxMetrics(SandboxMetricsRequest.parseFrom(request));
            default -> throw RpcException.unimplemented("method " + method);
        };
    }
}
