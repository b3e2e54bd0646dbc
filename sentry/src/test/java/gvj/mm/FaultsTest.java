package gvj.mm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gvj.abi.Bytes;
import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.abi.Sched;
import gvj.abi.Signals;
import gvj.host.Mem;
import gvj.kernel.ErrnoException;
import gvj.kernel.ResourceLimits;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Faults on files, at the ends of things, and what copies of the Sentry see. */
class FaultsTest {
    private static final int PAGE = MemoryFile.PAGE;
    private static final int RW = Mman.PROT_READ | Mman.PROT_WRITE;
    private static final int ANONYMOUS = Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS;
    private static final int MAPERR = Signals.SIGSEGV << 8 | Signals.SEGV_MAPERR;
    private static final int ACCERR = Signals.SIGSEGV << 8 | Signals.SEGV_ACCERR;
    private static final int BUS = Signals.SIGBUS << 8 | Signals.BUS_ADRERR;

    private final MemoryFile memory = new MemoryFile(128L << 20, 4096);
    private final FakePlatform platform = new FakePlatform();
    private final MemoryManager mm = new MemoryManager(memory, memory.root(), platform);

    /** A file whose page {@code i} begins with the number {@code 1000 + i}. */
    private final class FakeFile implements Mappable {
        final FrameMap frames = new FrameMap(memory);
        final Mappings mappings = new Mappings();
        final List<Long> written = new ArrayList<>();
        long pages = 8;
        Runnable beforeAnswer = () -> {};

        @Override
        public long page(long index, boolean write) {
            if (index >= pages) {
                return BEYOND_END;
            }
            if (frames.get(index) == FrameMap.NONE) {
                long frame = memory.allocate(1);
                Mem.putInt(memory.address(frame), (int) (1000 + index));
                frames.put(index, frame);
            }
            if (write) {
                written.add(index);
            }
            long frame = frames.pin(index);
            Runnable race = beforeAnswer;
            beforeAnswer = () -> {};
            race.run();
            return frame;
        }

        @Override
        public void addMapping(MemoryManager who, boolean writableShared) {
            mappings.add(who, writableShared);
        }

        @Override
        public void removeMapping(MemoryManager who, boolean writableShared) {
            mappings.remove(who, writableShared);
        }

        void truncate(long newPages) {
            pages = newPages;
            frames.remove(newPages, Long.MAX_VALUE);
            mappings.invalidate(this, newPages, Long.MAX_VALUE, true);
        }
    }

    private final FakeFile file = new FakeFile();

    @AfterEach
    void nothingIsLeft() {
        FakePlatform.checkTranslations(mm);
        mm.decUsers();
        assertTrue(file.mappings.isEmpty());
        file.frames.remove(0, Long.MAX_VALUE);
        assertEquals(1, memory.usedPages(), "the page of zeros is all that is left");
        assertEquals(0, memory.tablePages());
    }

    private long map(int type, int protection) {
        return mm.mmap(0, 8 * PAGE, protection, type, file, null, 0);
    }

    @Test
    void privateMappingsCopyOnWrite() {
        long at = map(Mman.MAP_PRIVATE, RW);
        assertEquals(0, FakePlatform.access(mm, at + PAGE, Mman.PROT_READ));
        assertEquals(1001, FakePlatform.load(mm, at + PAGE));
        assertEquals(0, FakePlatform.access(mm, at + PAGE, Mman.PROT_WRITE));
        FakePlatform.store(mm, at + PAGE, 5);
        assertEquals(5, mm.readInt(at + PAGE));
        assertEquals(1001, Mem.getInt(memory.address(file.frames.get(1))));
        assertTrue(file.written.isEmpty());
    }

    @Test
    void sharedMappingsTellOfFirstWrites() {
        long at = map(Mman.MAP_SHARED, RW);
        assertEquals(1002, mm.readInt(at + 2 * PAGE));
        assertTrue(file.written.isEmpty());
        assertEquals(0, FakePlatform.access(mm, at + 2 * PAGE, Mman.PROT_WRITE));
        FakePlatform.store(mm, at + 2 * PAGE, 7);
        mm.writeInt(at + 2 * PAGE + 4, 8);
        assertEquals(List.of(2L), file.written);
        assertEquals(7, Mem.getInt(memory.address(file.frames.get(2))));
        file.mappings.writeProtect(file, 0, 8);
        assertEquals(0, FakePlatform.access(mm, at + 2 * PAGE, Mman.PROT_WRITE));
        assertEquals(List.of(2L, 2L), file.written);
    }

    @Test
    void theEndOfAFileIsSigbus() {
        long at = map(Mman.MAP_PRIVATE, RW);
        mm.writeInt(at + 5 * PAGE, 1);
        file.truncate(3);
        assertEquals(BUS, mm.handleFault(at + 3 * PAGE, Mman.PROT_READ));
        assertEquals(BUS, mm.handleFault(at + 5 * PAGE, Mman.PROT_READ), "private copies go too");
        assertThrows(ErrnoException.class, () -> mm.readInt(at + 4 * PAGE));
        assertEquals(0, mm.handleFault(at + 2 * PAGE, Mman.PROT_READ));
    }

    @Test
    void truncationDuringAFaultWins() {
        long at = map(Mman.MAP_SHARED, RW);
        file.beforeAnswer = () -> file.truncate(0);
        assertEquals(BUS, mm.handleFault(at, Mman.PROT_WRITE));
        file.pages = 8;
        file.beforeAnswer = () -> mm.munmap(at, 8 * PAGE);
        assertEquals(MAPERR, mm.handleFault(at + PAGE, Mman.PROT_READ));
    }

    @Test
    void writeProtectionDuringAFaultAsksAgain() {
        long at = map(Mman.MAP_SHARED, RW);
        file.beforeAnswer = () -> file.mappings.writeProtect(file, 0, 8);
        assertEquals(0, mm.handleFault(at, Mman.PROT_WRITE));
        assertEquals(List.of(0L, 0L), file.written);
    }

    @Test
    void stacksGrowToTheirLimitAndKeepAwayFromOthers() {
        ResourceLimits limits = new ResourceLimits();
        for (int i = 0; i < Sched.RLIM_NLIMITS; i++) {
            limits.set(i, ResourceLimits.INFINITY, ResourceLimits.INFINITY);
        }
        limits.set(Sched.RLIMIT_STACK, 1 << 20, 1 << 20);
        mm.setLimits(limits, false);
        long top = 0x7000_0000_0000L;
        mm.mmap(top - PAGE, PAGE, RW, ANONYMOUS | Mman.MAP_GROWSDOWN | Mman.MAP_FIXED, null, null, 0);
        assertEquals(0, mm.handleFault(top - (1 << 20), Mman.PROT_WRITE));
        assertEquals(MAPERR, mm.handleFault(top - (1 << 20) - 1, Mman.PROT_WRITE));
        mm.writeInt(top - (1 << 19), 3);
        long second = 0x6000_0000_0000L;
        mm.mmap(second - PAGE, PAGE, RW, ANONYMOUS | Mman.MAP_GROWSDOWN | Mman.MAP_FIXED, null, null, 0);
        mm.mmap(second - 258 * PAGE, PAGE, RW, ANONYMOUS | Mman.MAP_FIXED, null, null, 0);
        assertEquals(MAPERR, mm.handleFault(second - 2 * PAGE, Mman.PROT_WRITE), "less than the guard gap");
    }

    @Test
    void memoryThatIsNotThereKillsOrFails() {
        long at = mm.mmap(0, 4096L * PAGE, RW, ANONYMOUS | Mman.MAP_NORESERVE, null, null, 0);
        int signal = 0;
        for (long page = 0; page < 4096 && signal == 0; page++) {
            signal = mm.handleFault(at + page * PAGE, Mman.PROT_WRITE);
        }
        assertEquals(Signals.SIGKILL << 8, signal);
        assertThrows(ErrnoException.class, () -> mm.mmap(0, 10_000L * PAGE, RW, ANONYMOUS, null, null, 0));
    }

    @Test
    void copiesStopWhereMemoryEnds() {
        long at = mm.mmap(0, 4 * PAGE, RW, ANONYMOUS, null, null, 0);
        mm.munmap(at + 3 * PAGE, PAGE);
        byte[] bytes = new byte[4 * PAGE];
        java.util.Arrays.fill(bytes, (byte) 9);
        assertEquals(3 * PAGE - 100, mm.copyOutSome(at + 100, bytes, 0, bytes.length));
        byte[] back = new byte[4 * PAGE];
        assertEquals(3 * PAGE - 100, mm.copyInSome(at + 100, back, 0, back.length));
        assertArrayEquals(
                java.util.Arrays.copyOf(bytes, 3 * PAGE - 100), java.util.Arrays.copyOf(back, 3 * PAGE - 100));
        assertEquals(0, mm.copyInSome(FakePlatform.LIMIT, back, 0, 1));
        assertEquals(0, mm.copyInSome(-1, back, 0, 1));
        assertEquals(0, mm.copyInSome(Long.MIN_VALUE, back, 0, 8));
        mm.writeLong(at + PAGE - 3, 0x1122334455667788L);
        assertEquals(0x1122334455667788L, mm.readLong(at + PAGE - 3));
        assertEquals(0x55667788, mm.readInt(at + PAGE - 3));
    }

    @Test
    void forcedAccessIgnoresRightsButNotOthers() {
        long at = map(Mman.MAP_PRIVATE, Mman.PROT_READ | Mman.PROT_EXEC);
        byte[] four = {1, 0, 0, 0};
        assertEquals(4, mm.accessForced(at, four, 0, 4, true));
        assertEquals(1, mm.readInt(at));
        assertEquals(1000, Mem.getInt(memory.address(file.frames.get(0))));
        assertEquals(ACCERR, mm.handleFault(at, Mman.PROT_WRITE));
        long shared = mm.mmap(0, PAGE, Mman.PROT_READ, Mman.PROT_READ, Mman.MAP_SHARED, file, null, 0);
        assertEquals(0, mm.accessForced(shared, four, 0, 4, true));
        long none = mm.mmap(0, PAGE, 0, ANONYMOUS, null, null, 0);
        assertEquals(4, mm.accessForced(none, four, 0, 4, true));
        assertEquals(4, mm.accessForced(none, four, 0, 4, false));
        assertEquals(1, Bytes.getInt(four, 0));
    }

    @Test
    void iovecsAreCheckedAsOnLinux() {
        long at = mm.mmap(0, 4 * PAGE, RW, ANONYMOUS, null, null, 0);
        mm.writeLong(at, at + PAGE);
        mm.writeLong(at + 8, 5);
        mm.writeLong(at + 16, at + 2 * PAGE);
        mm.writeLong(at + 24, 0);
        mm.writeLong(at + 32, at + 3 * PAGE);
        mm.writeLong(at + 40, 10);
        IoBuffer buffer = mm.iovec(at, 3);
        assertEquals(15, buffer.remaining());
        assertEquals(12, buffer.copyOut("hello, world".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1), 0, 12));
        assertEquals(3, buffer.remaining());
        buffer.rewind(2);
        byte[] read = new byte[20];
        assertEquals(13, buffer.copyIn(read, 0, 20));
        assertEquals("llo, world", new String(read, 0, 10, java.nio.charset.StandardCharsets.ISO_8859_1));
        assertEquals(Errno.EINVAL, errno(() -> mm.iovec(at, 1025)));
        assertEquals(Errno.EINVAL, errno(() -> mm.iovec(at, -1)));
        mm.writeLong(at + 24, -1);
        assertEquals(Errno.EINVAL, errno(() -> mm.iovec(at, 3)));
        mm.writeLong(at + 24, 1L << 40);
        mm.writeLong(at + 16, 0);
        assertEquals(0x7ffff000L, mm.iovec(at, 2).remaining());
        mm.writeLong(at + 16, Long.MIN_VALUE);
        assertEquals(Errno.EFAULT, errno(() -> mm.iovec(at, 2)));
        assertEquals(Errno.EFAULT, errno(() -> mm.buffer(at, -1)));
    }

    private static int errno(Runnable call) {
        return assertThrows(ErrnoException.class, call::run).errno();
    }
}
