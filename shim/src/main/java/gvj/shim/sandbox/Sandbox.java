package gvj.shim.sandbox;

import com.google.protobuf.InvalidProtocolBufferException;
import gvj.abi.Signals;
import gvj.proto.cri.PodSandboxConfig;
import gvj.proto.sandbox.CreateSandboxRequest;
import gvj.shim.api.EventPublisher;
import gvj.shim.api.RpcException;
import gvj.shim.api.ShimContext;
import gvj.shim.io.StdioPaths;
import gvj.shim.process.Container;
import gvj.shim.process.Exit;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * A pod that containerd leaves to the shim: a container like the one that containerd makes for other pods, of a bundle that we write
 * ourselves. It is no task, and no events tell of it: who wants to know its end waits for it.
 */
public final class Sandbox {
    private static final long END_MILLIS = 10_000;
    /** Below the distribution: a directory with nothing in it but our program. */
    private static final String ROOTFS = "lib/pause";

    private final Container container;
    private final PodFiles files;
    private volatile Instant createdAt = Instant.EPOCH;

    private Sandbox(Container container, PodFiles files) {
        this.container = container;
        this.files = files;
    }

    /** Makes the pod that {@code request} asks for, or leaves nothing of it. */
    public static Sandbox create(ShimContext context, CreateSandboxRequest request) throws RpcException {
        PodSandboxConfig pod = pod(request);
        PodBundle bundle = new PodBundle(request, pod, context.namespace());
        String id = request.getSandboxId();
        String directory = request.getBundlePath();
        StdioPaths nowhere = new StdioPaths(id, context.namespace(), false, "", "", "");
        PodFiles files = new PodFiles(directory);
        Sandbox sandbox = new Sandbox(new Container(context, EventPublisher.NONE, id, directory, nowhere), files);
        ConfigFile.write(ConfigFile.of(directory), bundle.config(rootfs(context)));
        files.make(pod);
        try {
            sandbox.container.create(List.of());
        } catch (RpcException | RuntimeException e) {
            files.unmount();
            throw e;
        }
        return sandbox;
    }

    private static PodSandboxConfig pod(CreateSandboxRequest request) throws RpcException {
        String type = request.getOptions().getTypeUrl();
        if (!type.substring(type.lastIndexOf('/') + 1).equals("runtime.v1.PodSandboxConfig")) {
            throw RpcException.invalidArgument(
                    "a sandbox is made of a runtime.v1.PodSandboxConfig, not of \"" + type + "\"");
        }
        try {
            return PodSandboxConfig.parseFrom(request.getOptions().getValue());
        } catch (InvalidProtocolBufferException e) {
            throw RpcException.invalidArgument("malformed PodSandboxConfig: " + e.getMessage());
        }
    }

    private static String rootfs(ShimContext context) {
        return Path.of(context.gvj()).getParent().resolveSibling(ROOTFS).toString();
    }

    /** What containerd calls it. */
    public String id() {
        return container.id();
    }

    /** Its first container, which is nobody's task. */
    public Container container() {
        return container;
    }

    /** Lets it run. */
    public void start() throws RpcException {
        container.start();
        createdAt = Instant.now();
    }

    /** When it was started. */
    public Instant createdAt() {
        return createdAt;
    }

    /** Whether containers can be made in it. */
    public boolean ready() {
        return container.init().isStarted() && container.init().exit() == null;
    }

    /** Gives a container the pod's files, before it is made. */
    public void prepare(Container member) throws RpcException {
        files.addTo(member.bundle());
    }

    /** Ends it, and all that runs in it; nothing if it has ended. */
    public void stop() throws RpcException, InterruptedException {
        if (container.init().exit() != null) {
            return;
        }
        try {
            container.kill(Signals.SIGKILL, false);
        } catch (RpcException e) {
            if (e.code() != RpcException.Code.NOT_FOUND) { // it was quicker
                throw e;
            }
        }
        if (container.init().await(END_MILLIS) == null) {
            throw new RpcException(RpcException.Code.DEADLINE_EXCEEDED, "pod " + id() + " does not end");
        }
    }

    /** Waits for its end. */
    public Exit await() throws InterruptedException {
        return container.init().await();
    }

    /** Removes it, with all that was made for it. */
    public void remove() throws RpcException, InterruptedException {
        stop();
        container.delete();
        files.unmount();
    }
}
