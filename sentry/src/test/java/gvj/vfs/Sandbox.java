package gvj.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import gvj.abi.Fcntl;
import gvj.fs.tmpfs.TmpFs;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;
import gvj.kernel.UserNamespace;
import gvj.mm.ArrayIoBuffer;
import gvj.mm.MemoryFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.function.Executable;

/** A namespace with a file system at its root and callers in it, without tasks. */
final class Sandbox {
    static final int CWD = Fcntl.AT_FDCWD;

    private static final MemoryFile MEMORY = new MemoryFile(1L << 30, 1 << 18);

    final UserNamespace user = new UserNamespace(null, 0);
    final MountNamespace namespace;
    final Caller root;

    Sandbox(FileSystem fs) {
        namespace = new MountNamespace(Mount.of(fs, "root", Mount.RELATIME), user);
        root = as(Vfs.rootCredentials(user));
    }

    static TmpFs tmpfs(String options) {
        return new TmpFs(MEMORY, options);
    }

    Caller as(Credentials creds) {
        Path top = namespace.rootPath();
        return new Caller(null, creds, top, top, 022);
    }

    Caller user(int uid, int gid) {
        return as(new Credentials(uid, uid, uid, uid, gid, gid, gid, gid, new int[0], 0, 0, 0, 0, 0, 0, false, user));
    }

    Path find(String path) {
        return root.lookup(CWD, path, PathWalker.FOLLOW);
    }

    Kstat stat(String path) {
        Kstat stat = new Kstat();
        Attributes.stat(root.lookup(CWD, path, 0), stat);
        return stat;
    }

    boolean exists(String path) {
        try {
            root.lookup(CWD, path, 0);
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }

    void mkdir(String path) {
        Names.mkdir(root, CWD, path, 0755);
    }

    FileDescription open(String path, int flags) {
        return Opener.open(root, CWD, path, flags, 0644, 0);
    }

    void write(String path, String text) {
        FileDescription file = open(path, Fcntl.O_WRONLY | Fcntl.O_CREAT | Fcntl.O_TRUNC);
        assertEquals(text.length(), write(file, text));
        file.decRef();
    }

    static long write(FileDescription file, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return file.write(null, new ArrayIoBuffer(bytes, 0, bytes.length));
    }

    String read(String path) {
        FileDescription file = open(path, Fcntl.O_RDONLY);
        try {
            return read(file);
        } finally {
            file.decRef();
        }
    }

    static String read(FileDescription file) {
        StringBuilder text = new StringBuilder();
        byte[] buffer = new byte[10_000];
        while (true) {
            long n = ErrnoException.check(file.read(null, new ArrayIoBuffer(buffer, 0, buffer.length)));
            if (n == 0) {
                return text.toString();
            }
            text.append(new String(buffer, 0, (int) n, StandardCharsets.ISO_8859_1));
        }
    }

    /** The names in a directory but the dots, sorted. */
    List<String> list(String path) {
        FileDescription file = open(path, Fcntl.O_RDONLY | Fcntl.O_DIRECTORY);
        List<String> names = new ArrayList<>();
        assertEquals(0, file.readdir(null, (name, ino, type, next) -> {
            if (!name.equals(".") && !name.equals("..")) {
                names.add(name);
                assertEquals(stat(path + "/" + name).ino, ino, name);
            }
            return true;
        }));
        file.decRef();
        names.sort(null);
        return names;
    }

    static void fails(int errno, Executable action) {
        assertEquals(errno, assertThrows(ErrnoException.class, action).errno());
    }
}
