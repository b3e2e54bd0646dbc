package gvj.shim.mount;

import gvj.host.HostErrno;
import gvj.host.HostMount;
import gvj.proto.types.Mount;
import gvj.shim.api.RpcException;
import gvj.shim.runtime.CStrings;
import gvj.shim.runtime.Descriptors;
import gvj.shim.runtime.Errors;
import gvj.shim.runtime.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Mounts a container's root file system, and takes it away again. */
public final class RootFileSystem {
    private static final int DATA_MAX = 4095; // mount(2) takes one page
    private static final String HELPER = "/bin/mount";

    private RootFileSystem() {}

    /** Mounts all of {@code mounts} at {@code rootfs}, in that order; or none of them. */
    public static void mount(List<Mount> mounts, String rootfs) throws RpcException {
        if (mounts.isEmpty()) {
            return;
        }
        try {
            Files.createDirectories(Path.of(rootfs));
        } catch (IOException e) {
            throw new RpcException(RpcException.Code.UNKNOWN, "cannot make " + rootfs + ": " + e, e);
        }
        try {
            for (Mount mount : mounts) {
                mountOne(mount, target(rootfs, mount.getTarget()));
            }
        } catch (RpcException e) {
            unmount(rootfs);
            throw e;
        }
    }

    /** Takes away whatever is mounted at {@code rootfs}, and what is mounted in it. */
    public static void unmount(String rootfs) {
        byte[] target = CStrings.of(rootfs);
        while (true) {
            int result = HostMount.unmount(target, HostMount.UMOUNT_NOFOLLOW);
            if (result == -HostErrno.EBUSY) { // something is mounted in it, or somebody has not let go yet
                result = HostMount.unmount(target, HostMount.UMOUNT_NOFOLLOW | HostMount.MNT_DETACH);
            }
            if (result < 0) {
                return; // nothing is mounted there any more
            }
        }
    }

    /** Where {@code inside} is, in what is mounted by now: an image has symbolic links as it likes, and none leads out of it. */
    private static String target(String rootfs, String inside) throws RpcException {
        if (inside.isEmpty()) {
            return rootfs;
        }
        try {
            Path root = Path.of(rootfs).toRealPath();
            Path target = root.resolve("./" + inside).toRealPath();
            if (!target.startsWith(root)) {
                throw RpcException.invalidArgument("mount target " + inside + " is outside of the root file system");
            }
            return target.toString();
        } catch (IOException e) {
            throw new RpcException(RpcException.Code.UNKNOWN, "there is no mount target " + inside + ": " + e, e);
        }
    }

    private static void mountOne(Mount mount, String target) throws RpcException {
        MountWords words = new MountWords(mount.getOptionsList());
        if (words.loop() || mount.getType().startsWith("fuse")) {
            mountByHelper(mount, target);
        } else if ((words.flags() & HostMount.MS_BIND) != 0) {
            bind(mount, target, words);
        } else {
            mountNew(mount, target, words);
        }
    }

    /** The kernel takes a bind mount's flags only from a second call. */
    private static void bind(Mount mount, String target, MountWords words) throws RpcException {
        long kind = HostMount.MS_BIND | HostMount.MS_REC;
        long others = words.flags() & ~kind;
        check(call(mount.getSource(), target, null, words.flags() & kind, null, null), mount, target);
        if (others != 0) {
            long again = HostMount.MS_REMOUNT | HostMount.MS_BIND | others;
            check(call(null, target, null, again, null, null), mount, target);
        }
    }

    private static void mountNew(Mount mount, String target, MountWords words) throws RpcException {
        String data = words.data();
        String directory = null;
        Layers layers = length(data) > DATA_MAX ? Layers.of(data) : null;
        if (layers != null) {
            data = layers.data();
            directory = layers.directory();
        }
        if (length(data) > DATA_MAX) { // mount(2) would cut them off
            throw RpcException.invalidArgument(
                    "the options of the mount at " + target + " are too long: " + length(data) + " bytes");
        }
        check(call(mount.getSource(), target, mount.getType(), words.flags(), data, directory), mount, target);
    }

    private static int length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static int call(String source, String target, String type, long flags, String data, String directory) {
        return HostMount.mount(
                nullable(source), CStrings.of(target), nullable(type), flags, nullable(data), nullable(directory));
    }

    private static byte[] nullable(String text) {
        return text == null ? null : CStrings.of(text);
    }

    private static void check(int result, Mount mount, String target) throws RpcException {
        if (result < 0) {
            throw new RpcException(
                    RpcException.Code.UNKNOWN,
                    "cannot mount " + mount.getType() + " " + mount.getSource() + " at " + target + ": "
                            + Errors.text(-result));
        }
    }

    /** mount(8) knows loop devices and helpers of file systems. */
    private static void mountByHelper(Mount mount, String target) throws RpcException {
        List<String> words = new ArrayList<>(List.of(HELPER, "-t", mount.getType()));
        if (mount.getOptionsCount() > 0) {
            words.addAll(List.of("-o", String.join(",", mount.getOptionsList())));
        }
        words.addAll(List.of(mount.getSource(), target));
        Programs.Result result = Programs.run(words, Descriptors.NONE);
        if (result.status() != 0) {
            throw new RpcException(
                    RpcException.Code.UNKNOWN,
                    "cannot mount " + mount.getSource() + " at " + target + ": "
                            + result.output().strip());
        }
    }
}
