package gvj.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The host calls against the running kernel. Needs {@code -Dgvj.native=DIR}. */
class HostTest {
    private long memory;

    @BeforeEach
    void allocate() {
        memory = Host.malloc(8192);
    }

    @AfterEach
    void release() {
        Host.free(memory);
    }

    static byte[] c(String text) {
        return (text + "\0").getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Every native method has its C function: calling with hopeless arguments must not throw UnsatisfiedLinkError. */
    @Test
    void everyNativeMethodIsLinked() throws Exception {
        for (Class<?> type : new Class<?>[] {Host.class, HostFiles.class, HostProcess.class}) {
            for (Method m : type.getDeclaredMethods()) {
                if (!Modifier.isNative(m.getModifiers())
                        || m.getName().equals("exitNow")
                        || m.getName().equals("umask")) {
                    continue;
                }
                Class<?>[] p = m.getParameterTypes();
                Object[] args = new Object[p.length];
                for (int i = 0; i < p.length; i++) {
                    args[i] = p[i] == int.class
                            ? (Object) (-1)
                            : p[i] == long.class ? (Object) 0L : p[i] == boolean.class ? false : null;
                }
                m.invoke(null, args);
            }
        }
    }

    @Test
    void trimmingLosesNothing() {
        Mem.putLong(memory, 42);
        assertTrue(HostProcess.trim() > 0);
        assertTrue(HostProcess.trim() > 0); // running touched some of it again
        assertEquals(42, Mem.getLong(memory));
        assertEquals("42", Long.toString(Mem.getLong(memory)));
    }

    @Test
    void memfdIsSharedMemory() {
        int fd = Host.memfdCreate(c("test"), Host.MFD_CLOEXEC);
        assertTrue(fd >= 0);
        assertEquals(0, Host.ftruncate(fd, 1L << 40));
        long a = Host.mmap(0, 1L << 40, Host.PROT_READ | Host.PROT_WRITE, Host.MAP_SHARED | Host.MAP_NORESERVE, fd, 0);
        assertTrue(a > 0);
        Mem.putLong(a + (1L << 39), 42);
        assertEquals(8, Host.pread(fd, memory, 8, 1L << 39));
        assertEquals(42, Mem.getLong(memory));
        assertEquals(1L << 39, Host.lseek(fd, 0, Host.SEEK_DATA));
        assertEquals(0, Host.fallocate(fd, Host.FALLOC_FL_PUNCH_HOLE | Host.FALLOC_FL_KEEP_SIZE, 0, 1L << 40));
        assertEquals(0, Mem.getLong(a + (1L << 39)));
        assertEquals(0, Host.munmap(a, 1L << 40));
        assertEquals(0, Host.close(fd));
        assertEquals(-HostErrno.EBADF, Host.close(fd));
    }

    @Test
    void namesAreChecked() {
        assertEquals(-HostErrno.EINVAL, Host.open("/tmp".getBytes(StandardCharsets.US_ASCII), 0, 0));
        assertEquals(-HostErrno.EINVAL, Host.open(c("/tmp\0x"), 0, 0));
        assertEquals(-HostErrno.EINVAL, Host.open(null, 0, 0));
        assertEquals(-HostErrno.ENAMETOOLONG, Host.open(new byte[5000], 0, 0));
        assertEquals(-HostErrno.ENOENT, Host.open(c("/no/such"), 0, 0));
    }

    @Test
    void descriptorsTravelAndSurplusIsClosed() {
        assertEquals(0, Host.socketpair(Host.AF_UNIX, Host.SOCK_SEQPACKET | Host.SOCK_CLOEXEC, 0, memory));
        int a = Mem.getInt(memory);
        int b = Mem.getInt(memory + 4);
        long fds = memory + 64;
        Mem.putInt(fds, 3);
        for (int i = 0; i < 3; i++) {
            Mem.putInt(fds + 4 + 4L * i, a);
        }
        assertEquals(5, Host.sendmsg(a, memory + 256, 5, fds, 0));
        int lowest = Host.dup(0);
        Host.close(lowest);
        assertEquals(5, Host.recvmsg(b, memory + 256, 100, fds, 1, 0));
        assertEquals(1, Mem.getInt(fds));
        assertEquals(lowest, Mem.getInt(fds + 4));
        int next = Host.dup(0);
        assertEquals(lowest + 1, next, "the two surplus descriptors are closed");
        assertEquals(1, Host.fcntl(lowest, Host.F_GETFD, 0), "close-on-exec");
        assertEquals(100, Host.sendmsg(a, memory + 256, 100, 0, 0));
        assertEquals(-HostErrno.EMSGSIZE, Host.recvmsg(b, memory + 256, 10, fds, 16, 0));
        Mem.putInt(fds, 17);
        assertEquals(-HostErrno.EINVAL, Host.sendmsg(a, memory + 256, 1, fds, 0));
        for (int fd : new int[] {a, b, lowest, next}) {
            Host.close(fd);
        }
    }

    @Test
    void kickBreaksABlockingRead() throws Exception {
        assertEquals(0, HostProcess.installKick());
        assertEquals(0, Host.pipe2(memory, HostFiles.O_CLOEXEC));
        int in = Mem.getInt(memory);
        int[] tid = new int[1];
        long[] result = new long[1];
        Thread reader = new Thread(() -> {
            tid[0] = HostProcess.gettid();
            result[0] = Host.read(in, memory + 100, 1);
        });
        reader.start();
        for (int i = 0; i < 500 && reader.isAlive(); i++) {
            Thread.sleep(10);
            if (tid[0] != 0) {
                HostProcess.interrupt(tid[0]);
            }
        }
        reader.join(1000);
        assertEquals(-HostErrno.EINTR, result[0]);
        Host.close(in);
        Host.close(Mem.getInt(memory + 4));
    }

    @Test
    void clocksAndWaiting() {
        long t = Host.clockGettime(Host.CLOCK_MONOTONIC);
        assertEquals(0, Host.poll(memory, 0, 5_000_000));
        assertTrue(Host.clockGettime(Host.CLOCK_MONOTONIC) - t >= 5_000_000);
        assertTrue(Host.threadCpuNanos() > 0);
        assertTrue(Host.clockGetres(Host.CLOCK_MONOTONIC) > 0);
        assertEquals(-HostErrno.EINVAL, Host.clockGettime(1000));
        int event = Host.eventfd(0, HostFiles.O_NONBLOCK | HostFiles.O_CLOEXEC);
        assertEquals(-HostErrno.EAGAIN, Host.eventfdRead(event));
        assertEquals(0, Host.eventfdWrite(event, 7));
        int ep = Host.epollCreate1(HostFiles.O_CLOEXEC);
        assertEquals(0, Host.epollCtl(ep, 1, event, 1, 99));
        assertEquals(1, Host.epollWait(ep, memory, 4, -1));
        assertEquals(99, Mem.getLong(memory + 4));
        assertEquals(7, Host.eventfdRead(event));
        assertEquals(0, Host.epollWait(ep, memory, 4, 1));
        Host.close(ep);
        Host.close(event);
        assertTrue(HostProcess.unameRelease().contains("."));
    }

    @Test
    void filesWithoutProc() {
        int tmp = Host.open(c("/tmp"), HostFiles.O_DIRECTORY, 0);
        byte[] name = c("gvj-host-test-" + HostProcess.getpid());
        Mem.copy(name, 0, memory, name.length);
        assertEquals(0, HostFiles.mkdirat(tmp, memory, 0700));
        int path =
                HostFiles.openat2(tmp, memory, HostFiles.O_PATH | HostFiles.O_NOFOLLOW, 0, HostFiles.RESOLVE_BENEATH);
        assertTrue(path >= 0);
        assertEquals(0, HostFiles.fstatx(path, Statx.BASIC_STATS, memory + 1024));
        assertEquals(0040700, Statx.mode(memory + 1024));
        assertEquals(-HostErrno.EBADF, HostFiles.fchmod(path, 0755));
        assertEquals(0, HostFiles.futimens(path, 1, 2, 3, 4));
        assertEquals(0, HostFiles.fstatx(path, Statx.BASIC_STATS, memory + 1024));
        assertEquals(1, Statx.atime(memory + 1024));
        assertEquals(4, Statx.mtimeNanos(memory + 1024));
        assertEquals(0, HostFiles.fstatfs(path, memory + 1024));
        assertEquals(0, HostFiles.unlinkat(tmp, memory, HostFiles.AT_REMOVEDIR));
        Host.close(path);
        Host.close(tmp);
    }
}
