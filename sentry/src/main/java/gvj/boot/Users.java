package gvj.boot;

import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Fcntl;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.Kernel;
import gvj.kernel.UserNamespace;
import gvj.mm.ArrayIoBuffer;
import gvj.vfs.Caller;
import gvj.vfs.FileDescription;
import gvj.vfs.MountNamespace;
import gvj.vfs.Opener;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Who a process is: numbers, or a name looked up in the sandbox's own /etc/passwd and /etc/group. */
final class Users {
    private static final int MAX_FILE = 1 << 20;

    private final Kernel kernel;
    private final Caller caller;

    Users(Kernel kernel, MountNamespace mounts) {
        this.kernel = kernel;
        this.caller = kernel.vfs.bootCaller(mounts);
    }

    /** Who {@code process} is. Without capabilities of its own root has all, and others have none. */
    Credentials credentials(ProcessSpec process) throws BootException {
        ProcessSpec.User user = process.user().name().isEmpty()
                ? process.user()
                : lookup(process.user().name());
        int uid = user.uid();
        int gid = user.gid();
        check(uid, gid, user.groups());
        long all = (1L << Capability.CAP_LAST_CAP + 1) - 1;
        ProcessSpec.Privileges privileges = process.privileges();
        boolean given = privileges.given();
        long permitted = given ? privileges.permitted() & all : uid == 0 ? all : 0;
        long inheritable = privileges.inheritable() & all;
        return new Credentials(
                uid,
                uid,
                uid,
                uid,
                gid,
                gid,
                gid,
                gid,
                groups(user.groups()),
                inheritable,
                permitted,
                given ? privileges.effective() & permitted : permitted,
                given ? privileges.bounding() & all : all,
                privileges.ambient() & permitted & inheritable,
                0,
                privileges.noNewPrivs(),
                kernel.rootUserNamespace);
    }

    private void check(int uid, int gid, List<Integer> groups) throws BootException {
        UserNamespace ids = kernel.rootUserNamespace;
        if (!ids.uids().has(uid)) {
            throw new BootException("the container's id mappings have no user " + Integer.toUnsignedString(uid));
        }
        if (!ids.gids().has(gid)) {
            throw new BootException("the container's id mappings have no group " + Integer.toUnsignedString(gid));
        }
        for (int group : groups) {
            if (!ids.gids().has(group)) {
                throw new BootException("the container's id mappings have no group " + Integer.toUnsignedString(group));
            }
        }
    }

    private static int[] groups(List<Integer> ids) {
        int[] groups = new int[ids.size()];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = ids.get(i);
        }
        Arrays.sort(groups);
        return groups;
    }

    private ProcessSpec.User lookup(String name) throws BootException {
        for (String line : read("/etc/passwd").split("\n")) {
            String[] fields = line.split(":", -1);
            if (fields.length >= 4 && fields[0].equals(name)) {
                try {
                    int gid = Integer.parseUnsignedInt(fields[3]);
                    return new ProcessSpec.User(
                            "", Integer.parseUnsignedInt(fields[2]), gid, groups(name), ProcessSpec.User.UMASK);
                } catch (NumberFormatException e) {
                    throw new BootException("--user " + name + ": its line in /etc/passwd is malformed");
                }
            }
        }
        throw new BootException("--user " + name + ": no such user in the sandbox's /etc/passwd");
    }

    /** {@code env}, and in it HOME: where it is not set, the home directory in /etc/passwd, or else the root. */
    List<String> withHome(List<String> env, int uid) {
        for (String setting : env) {
            if (setting.startsWith("HOME=")) {
                return env;
            }
        }
        List<String> complete = new ArrayList<>(env);
        complete.add("HOME=" + home(Integer.toUnsignedString(uid)));
        return complete;
    }

    private String home(String uid) {
        for (String line : read("/etc/passwd").split("\n")) {
            String[] fields = line.split(":", -1);
            if (fields.length >= 6 && fields[2].equals(uid) && !fields[5].isEmpty()) {
                return fields[5];
            }
        }
        return "/";
    }

    private List<Integer> groups(String name) {
        List<Integer> ids = new ArrayList<>();
        for (String line : read("/etc/group").split("\n")) {
            String[] fields = line.split(":", -1);
            if (fields.length >= 4 && List.of(fields[3].split(",")).contains(name)) {
                try {
                    ids.add(Integer.parseUnsignedInt(fields[2]));
                } catch (NumberFormatException e) {
                    continue; // a malformed line names no group
                }
            }
        }
        return ids;
    }

    /** A small file of the sandbox; empty if there is none. */
    private String read(String path) {
        try {
            FileDescription file = Opener.open(caller, Fcntl.AT_FDCWD, path, Fcntl.O_RDONLY, 0, 0);
            try {
                byte[] bytes = new byte[MAX_FILE];
                ArrayIoBuffer buffer = new ArrayIoBuffer(bytes, 0, bytes.length);
                while (buffer.remaining() > 0 && file.read(null, buffer) > 0) {
                    continue;
                }
                return new String(bytes, 0, (int) buffer.transferred(), StandardCharsets.ISO_8859_1);
            } finally {
                file.decRef();
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                kernel.log(path + ": " + Messages.of(e.errno()));
            }
            return "";
        }
    }
}
