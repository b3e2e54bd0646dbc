package gvj.loader;

import gvj.abi.Elf;
import gvj.abi.Mman;
import gvj.kernel.ErrnoException;
import gvj.mm.MemoryFile;
import gvj.mm.MemoryLayout;
import gvj.mm.MemoryManager;

/**
 * Maps the segments of one ELF file into an address space. Any error here is {@link BadProgramException}: the old program
 * is gone by then.
 */
final class ElfMapper {
    private static final long PAGE = MemoryFile.PAGE;

    private final MemoryManager mm;
    private final ProgramFile file;
    private final ElfHeader header;

    /** Lowest mapped address and the end of the highest segment, bias applied. */
    long start = Long.MAX_VALUE;

    long end;
    long bias;
    /** Where the program headers lie in memory, 0 if in no segment. */
    long headersAddress;

    ElfMapper(MemoryManager mm, ProgramFile file, ElfHeader header) {
        this.mm = mm;
        this.file = file;
        this.header = header;
    }

    long entry() {
        return header.entry + bias;
    }

    /**
     * Maps everything.
     *
     * @param base where a position independent file is to go; 0 lets mmap choose
     * @param layout gets code, data and heap addresses; null for an interpreter
     */
    void map(long base, MemoryLayout layout) {
        long low = Long.MAX_VALUE;
        long high = 0;
        for (ElfHeader.Segment segment : header.segments) {
            if (segment.type() == Elf.PT_LOAD) {
                check(segment);
                low = Math.min(low, segment.address() & -PAGE);
                high = Math.max(high, segment.address() + segment.memoryBytes());
            }
        }
        if (low == Long.MAX_VALUE) {
            throw BadProgramException.INSTANCE;
        }
        if (header.positionIndependent) {
            bias = reserve(base, low, high) - low;
        }
        try {
            for (ElfHeader.Segment segment : header.segments) {
                if (segment.type() == Elf.PT_LOAD) {
                    mapSegment(segment, layout);
                }
            }
        } catch (ErrnoException e) {
            throw BadProgramException.INSTANCE;
        }
    }

    private void check(ElfHeader.Segment s) {
        long limit = mm.platform().userAddressLimit();
        boolean ok = s.address() >= 0
                && s.memoryBytes() >= 0
                && s.fileBytes() >= 0
                && s.fileBytes() <= s.memoryBytes()
                && s.offset() >= 0
                && s.offset() <= Long.MAX_VALUE - s.fileBytes() - PAGE
                && s.address() < limit
                && s.memoryBytes() <= limit - s.address()
                && (s.fileBytes() == 0 || (s.address() - s.offset() & PAGE - 1) == 0);
        if (!ok) {
            throw BadProgramException.INSTANCE;
        }
    }

    /** Finds room for the whole file, so that its segments keep their distances. */
    private long reserve(long base, long low, long high) {
        long size = (high - low + PAGE - 1) & -PAGE;
        long align = PAGE;
        for (ElfHeader.Segment segment : header.segments) {
            boolean power = segment.align() > 0 && Long.bitCount(segment.align()) == 1;
            if (segment.type() == Elf.PT_LOAD && power && segment.align() <= 1L << 30) {
                align = Math.max(align, segment.align());
            }
        }
        long found =
                mm.mmap(base & -align, size + align - PAGE, 0, Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS, null, null, 0);
        mm.munmap(found, size + align - PAGE);
        return (found + align - 1) & -align;
    }

    private void mapSegment(ElfHeader.Segment segment, MemoryLayout layout) {
        int protection = protection(segment.flags());
        long address = segment.address() + bias;
        long pageStart = address & -PAGE;
        long inPage = address - pageStart;
        long fileEnd = address + segment.fileBytes();
        long memoryEnd = address + segment.memoryBytes();
        int fixed = Mman.MAP_PRIVATE | Mman.MAP_FIXED;
        if (segment.memoryBytes() == 0) {
            return;
        }
        long zeroFrom = pageStart;
        if (segment.fileBytes() > 0) {
            mm.mmap(
                    pageStart,
                    segment.fileBytes() + inPage,
                    protection,
                    fixed,
                    file.mappable(),
                    file.description(),
                    segment.offset() - inPage);
            zeroFrom = (fileEnd + PAGE - 1) & -PAGE;
            if (memoryEnd > fileEnd && (protection & Mman.PROT_WRITE) != 0 && zeroFrom > fileEnd) {
                zeroTail(fileEnd, zeroFrom - fileEnd);
            }
        }
        if (memoryEnd > zeroFrom) {
            int bss = protection & Mman.PROT_EXEC | Mman.PROT_READ | Mman.PROT_WRITE;
            mm.mmap(zeroFrom, memoryEnd - zeroFrom, bss, fixed | Mman.MAP_ANONYMOUS, null, null, 0);
        }
        remember(segment, pageStart, fileEnd, memoryEnd, layout);
    }

    /**
     * The rest of the last file page of a data segment is bss, to the page's end: ld.so hands out what lies behind its own
     * bss as memory that is zero. A file cut short there leaves it unreadable.
     */
    private void zeroTail(long from, long bytes) {
        try {
            mm.zeroOut(from, bytes);
        } catch (ErrnoException e) {
            throw BadProgramException.INSTANCE;
        }
    }

    private void remember(ElfHeader.Segment s, long pageStart, long fileEnd, long memoryEnd, MemoryLayout layout) {
        start = Math.min(start, pageStart);
        end = Math.max(end, memoryEnd);
        long headers = header.headersOffset;
        if (headers >= s.offset() && headers < s.offset() + s.fileBytes()) {
            headersAddress = s.address() + bias + (headers - s.offset());
        }
        if (layout == null) {
            return;
        }
        long address = s.address() + bias;
        if ((s.flags() & Elf.PF_X) != 0) {
            layout.startCode = layout.startCode == 0 ? address : Math.min(layout.startCode, address);
            layout.endCode = Math.max(layout.endCode, fileEnd);
        }
        layout.startData = Math.max(layout.startData, address);
        layout.endData = Math.max(layout.endData, fileEnd);
    }

    private static int protection(int flags) {
        return ((flags & Elf.PF_R) != 0 ? Mman.PROT_READ : 0)
                | ((flags & Elf.PF_W) != 0 ? Mman.PROT_WRITE : 0)
                | ((flags & Elf.PF_X) != 0 ? Mman.PROT_EXEC : 0);
    }
}
