package gvj.shim.api;

import com.google.protobuf.Empty;
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

/**
 * containerd's Task service, versions 2 and 3. Each call has a thread of its own and may block as long as it needs. Only
 * {@link #wait} is ever interrupted: when nobody is there any more to hear its answer.
 */
public interface TaskService {
    StateResponse state(StateRequest request) throws RpcException, InterruptedException;

    CreateTaskResponse create(CreateTaskRequest request) throws RpcException, InterruptedException;

    StartResponse start(StartRequest request) throws RpcException, InterruptedException;

    DeleteResponse delete(DeleteRequest request) throws RpcException, InterruptedException;

    PidsResponse pids(PidsRequest request) throws RpcException, InterruptedException;

    Empty pause(PauseRequest request) throws RpcException, InterruptedException;

    Empty resume(ResumeRequest request) throws RpcException, InterruptedException;

    Empty checkpoint(CheckpointTaskRequest request) throws RpcException, InterruptedException;

    Empty kill(KillRequest request) throws RpcException, InterruptedException;

    Empty exec(ExecProcessRequest request) throws RpcException, InterruptedException;

    Empty resizePty(ResizePtyRequest request) throws RpcException, InterruptedException;

    Empty closeIO(CloseIORequest request) throws RpcException, InterruptedException;

    Empty update(UpdateTaskRequest request) throws RpcException, InterruptedException;

    WaitResponse wait(WaitRequest request) throws RpcException, InterruptedException;

    StatsResponse stats(StatsRequest request) throws RpcException, InterruptedException;

    ConnectResponse connect(ConnectRequest request) throws RpcException, InterruptedException;

    /** Calls {@link ShimContext#stop} if there are no containers left; what else there is to do is the caller's. */
    Empty shutdown(ShutdownRequest request) throws RpcException, InterruptedException;

    /** Whether there is no container: a shim that nobody has ever connected to may then end. */
    boolean idle();
}
