package gvj.mm;

import gvj.abi.Mman;
import gvj.host.Mem;
import gvj.platform.AddressSpace;
import gvj.platform.ExecutionContext;
import gvj.platform.Platform;
import java.util.TreeMap;

/** A platform without a processor: its address spaces remember what they were told, and tests access memory as it would. */
final class FakePlatform implements Platform {
    static final int PAGE = MemoryFile.PAGE;

    /** What the hardware would know of a page. */
    record Translation(long frame, int protection) {}

    /** The translations of one address space by page address. */
    final class Space implements AddressSpace {
        final TreeMap<Long, Translation> pages = new TreeMap<>();
        boolean closed;

        @Override
        public synchronized void map(long address, long length, long fileOffset, int protection) {
            check(address, length);
            for (long done = 0; done < length; done += PAGE) {
                pages.put(address + done, new Translation(fileOffset + done, protection & ~STABLE));
            }
        }

        @Override
        public synchronized void unmap(long address, long length) {
            check(address, length);
            pages.subMap(address, address + length).clear();
        }

        @Override
        public synchronized void writeProtect(long address, long length) {
            check(address, length);
            pages.subMap(address, address + length)
                    .replaceAll((at, old) -> new Translation(old.frame, old.protection & ~Mman.PROT_WRITE));
        }

        private void check(long address, long length) {
            if (closed || address < 0 || length <= 0 || (address | length) % PAGE != 0 || address + length > LIMIT) {
                throw new IllegalArgumentException(Long.toHexString(address) + "+" + Long.toHexString(length));
            }
        }

        @Override
        public void close() {
            closed = true;
        }

        synchronized Translation find(long address, int access) {
            Translation translation = pages.get(address & -PAGE);
            return translation != null && (translation.protection & access) == access ? translation : null;
        }
    }

    static final long LIMIT = 0x7ffffffff000L;

    /** An access as the application makes it: the fault's answer, 0 if it went well. */
    static int access(MemoryManager mm, long address, int access) {
        Space space = (Space) mm.addressSpace();
        for (int tries = 0; tries < 4; tries++) {
            if (space.find(address, access) != null) {
                return 0;
            }
            int signal = mm.handleFault(address, access);
            if (signal != 0) {
                return signal;
            }
        }
        throw new AssertionError("faults forever at " + Long.toHexString(address));
    }

    static int load(MemoryManager mm, long address) {
        Translation translation = ((Space) mm.addressSpace()).find(address, Mman.PROT_READ);
        return Mem.getInt(mm.memoryFile().address(translation.frame) + address % PAGE);
    }

    static void store(MemoryManager mm, long address, int value) {
        Translation translation = ((Space) mm.addressSpace()).find(address, Mman.PROT_WRITE);
        Mem.putInt(mm.memoryFile().address(translation.frame) + address % PAGE, value);
    }

    /** Nothing the hardware knows may be more than what the memory manager knows. */
    static void checkTranslations(MemoryManager mm) {
        Space space = (Space) mm.addressSpace();
        space.pages.forEach((address, translation) -> {
            long entry = mm.pages.get(address);
            Vma vma = mm.vmas.find(address);
            boolean fine = entry != 0
                    && vma != null
                    && PageTable.frame(entry) == translation.frame
                    && (translation.protection & ~(vma.protection | Mman.PROT_READ)) == 0
                    && ((translation.protection & Mman.PROT_WRITE) == 0 || (entry & PageTable.WRITE) != 0)
                    && mm.memory.refs(translation.frame) > 0;
            if (!fine) {
                throw new AssertionError("stale translation at " + Long.toHexString(address) + ": " + translation);
            }
        });
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public String description() {
        return "no processor";
    }

    @Override
    public long userAddressLimit() {
        return LIMIT;
    }

    @Override
    public AddressSpace newAddressSpace() {
        return new Space();
    }

    @Override
    public ExecutionContext newContext() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long xcr0() {
        return 7;
    }

    @Override
    public int fpuBytes() {
        return 832;
    }

    @Override
    public long entries() {
        return 0;
    }

    @Override
    public void close() {}
}
