package gvj.shim;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import gvj.abi.Signals;
import gvj.proto.task.ConnectRequest;
import gvj.proto.task.CreateTaskRequest;
import gvj.proto.task.DeleteRequest;
import gvj.proto.task.ExecProcessRequest;
import gvj.proto.task.KillRequest;
import gvj.proto.task.PidsRequest;
import gvj.proto.task.ShutdownRequest;
import gvj.proto.task.StartRequest;
import gvj.proto.task.StateRequest;
import gvj.proto.task.StatsRequest;
import gvj.proto.task.WaitRequest;
import gvj.proto.types.Mount;
import gvj.shim.api.Log;
import gvj.shim.api.RpcException;
import gvj.ttrpc.Client;
import java.io.File;
import java.io.IOException;

/**
 * What a pod's life asks of a shim, asked once when it is built: classes that were used go into its AOT cache. The bundle is the
 * socket's directory; if its container cannot run here, what it takes to say so is trained.
 */
final class Training implements Runnable {
    private static final String ID = "training";
    private static final int PATIENCE_MILLIS = 20_000;

    private final String socket;
    private Client client;

    Training(String socket) {
        this.socket = socket;
    }

    @Override
    public void run() {
        try {
            client = Client.connect(socket);
            call("Connect", ConnectRequest.newBuilder().setId(ID).build());
            String bundle = new File(socket).getParent();
            call(
                    "Create",
                    CreateTaskRequest.newBuilder()
                            .setId(ID)
                            .setBundle(bundle)
                            .setStdout(bundle + "/output")
                            .addRootfs(Mount.newBuilder().setType("tmpfs").setSource("tmpfs"))
                            .build());
            call("State", StateRequest.newBuilder().setId(ID).build());
            call("Start", StartRequest.newBuilder().setId(ID).build());
            exec();
            call("Pids", PidsRequest.newBuilder().setId(ID).build());
            call("Stats", StatsRequest.newBuilder().setId(ID).build());
            call(
                    "Kill",
                    KillRequest.newBuilder()
                            .setId(ID)
                            .setSignal(Signals.SIGKILL)
                            .setAll(true)
                            .build());
            call("Wait", WaitRequest.newBuilder().setId(ID).build());
            call("Delete", DeleteRequest.newBuilder().setId(ID).build());
            call("Shutdown", ShutdownRequest.newBuilder().setId(ID).build());
        } catch (IOException | InterruptedException e) {
            Log.error("training: " + e);
            System.exit(1);
        }
    }

    private void exec() throws IOException, InterruptedException {
        String process = "{\"args\":[\"/bin/true\"],\"cwd\":\"/\"}";
        Any spec = Any.newBuilder().setValue(ByteString.copyFromUtf8(process)).build();
        call(
                "Exec",
                ExecProcessRequest.newBuilder()
                        .setId(ID)
                        .setExecId(ID)
                        .setSpec(spec)
                        .build());
        call("Start", StartRequest.newBuilder().setId(ID).setExecId(ID).build());
        call("Wait", WaitRequest.newBuilder().setId(ID).setExecId(ID).build());
        call("Delete", DeleteRequest.newBuilder().setId(ID).setExecId(ID).build());
    }

    private void call(String method, MessageLite request) throws IOException, InterruptedException {
        try {
            client.call("containerd.task.v2.Task", method, request.toByteString(), PATIENCE_MILLIS);
        } catch (RpcException e) {
            Log.warning("training: " + method + ": " + e.getMessage());
        }
    }
}
