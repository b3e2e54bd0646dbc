package gvj.fs.proc;

import gvj.abi.Mman;
import gvj.mm.MappedFile;
import gvj.mm.MemoryManager;
import gvj.mm.ResidentStats;
import gvj.mm.Vma;

/** /proc/PID/maps and smaps, and sums over them. */
final class MapsFormat {
    private static final int NAME_COLUMN = 73;

    private MapsFormat() {}

    /**
     * Sums over all mappings, in bytes.
     *
     * @param text the program's code
     * @param library other code
     * @param data private writable memory without the stack
     */
    record Totals(long text, long library, long data, long stack) {}

    static Totals totals(MemoryManager mm) {
        long[] sums = new long[4];
        long startCode = mm.layout().startCode;
        long endCode = mm.layout().endCode;
        mm.forEachVma(vma -> {
            long bytes = vma.end() - vma.start();
            boolean writable = (vma.protection() & Mman.PROT_WRITE) != 0;
            if (vma.growsDown()) {
                sums[3] += bytes;
            } else if (writable && !vma.isShared()) {
                sums[2] += bytes;
            } else if ((vma.protection() & Mman.PROT_EXEC) != 0) {
                boolean program = vma.start() < endCode && vma.end() > startCode;
                sums[program ? 0 : 1] += bytes;
            }
        });
        return new Totals(sums[0], sums[1], sums[2], sums[3]);
    }

    static String maps(MemoryManager mm) {
        StringBuilder text = new StringBuilder();
        if (mm != null) {
            mm.forEachVma(vma -> line(text, vma));
        }
        return text.toString();
    }

    private static void line(StringBuilder text, Vma vma) {
        int start = text.length();
        hex(text, vma.start(), 8);
        text.append('-');
        hex(text, vma.end(), 8);
        text.append(' ')
                .append((vma.protection() & Mman.PROT_READ) != 0 ? 'r' : '-')
                .append((vma.protection() & Mman.PROT_WRITE) != 0 ? 'w' : '-')
                .append((vma.protection() & Mman.PROT_EXEC) != 0 ? 'x' : '-')
                .append(vma.isShared() ? 's' : 'p')
                .append(' ');
        MappedFile file = vma.file();
        hex(text, file == null ? 0 : vma.offset(), 8);
        text.append(' ');
        long device = file == null ? 0 : file.device();
        hex(text, device >>> 8 & 0xfff, 2);
        text.append(':');
        hex(text, device & 0xff | device >>> 12 & 0xfff00, 2);
        text.append(' ').append(file == null ? 0 : file.inodeNumber()).append(' ');
        String name = !vma.name().isEmpty() ? vma.name() : file == null ? "" : file.mappedName();
        if (!name.isEmpty()) {
            text.append(" ".repeat(Math.max(NAME_COLUMN - (text.length() - start), 0)))
                    .append(name.replace("\n", "\\012"));
        }
        text.append('\n');
    }

    private static void hex(StringBuilder text, long value, int digits) {
        String number = Long.toHexString(value);
        text.append("0".repeat(Math.max(digits - number.length(), 0))).append(number);
    }

    static String smaps(MemoryManager mm) {
        StringBuilder text = new StringBuilder();
        if (mm != null) {
            mm.forEachVma(vma -> {
                line(text, vma);
                ResidentStats stats = mm.residentStats(vma.start(), vma.end());
                kib(text, "Size", vma.end() - vma.start());
                kib(text, "KernelPageSize", 4096);
                kib(text, "MMUPageSize", 4096);
                resident(text, stats, vma.isLocked());
                flags(text, vma);
            });
        }
        return text.toString();
    }

    private static void resident(StringBuilder text, ResidentStats stats, boolean locked) {
        kib(text, "Rss", stats.resident);
        kib(text, "Pss", stats.proportional);
        kib(text, "Pss_Dirty", Math.min(stats.proportional, stats.sharedDirty + stats.privateDirty));
        kib(text, "Shared_Clean", stats.sharedClean);
        kib(text, "Shared_Dirty", stats.sharedDirty);
        kib(text, "Private_Clean", stats.privateClean);
        kib(text, "Private_Dirty", stats.privateDirty);
        kib(text, "Referenced", stats.resident);
        kib(text, "Anonymous", stats.anonymous);
        kib(text, "KSM", 0);
        kib(text, "LazyFree", 0);
        kib(text, "AnonHugePages", 0);
        kib(text, "ShmemPmdMapped", 0);
        kib(text, "FilePmdMapped", 0);
        kib(text, "Shared_Hugetlb", 0);
        kib(text, "Private_Hugetlb", 0);
        kib(text, "Swap", 0);
        kib(text, "SwapPss", 0);
        kib(text, "Locked", locked ? stats.proportional : 0);
    }

    /** VmFlags, in Linux's order: what is allowed, what may be, and what is special. */
    private static void flags(StringBuilder text, Vma vma) {
        text.append("THPeligible:           0\nVmFlags:");
        flag(text, (vma.protection() & Mman.PROT_READ) != 0, "rd");
        flag(text, (vma.protection() & Mman.PROT_WRITE) != 0, "wr");
        flag(text, (vma.protection() & Mman.PROT_EXEC) != 0, "ex");
        flag(text, vma.isShared(), "sh");
        flag(text, (vma.maxProtection() & Mman.PROT_READ) != 0, "mr");
        flag(text, (vma.maxProtection() & Mman.PROT_WRITE) != 0, "mw");
        flag(text, (vma.maxProtection() & Mman.PROT_EXEC) != 0, "me");
        flag(text, vma.isShared() && (vma.maxProtection() & Mman.PROT_WRITE) != 0, "ms");
        flag(text, vma.growsDown(), "gd");
        flag(text, vma.isIo(), "pf");
        flag(text, vma.isLocked(), "lo");
        flag(text, vma.isIo(), "io");
        flag(text, vma.dontFork(), "dc");
        flag(text, vma.isSpecial(), "de");
        flag(text, vma.wipeOnFork(), "wf");
        flag(text, !vma.isShared() && !vma.noReserve() && (vma.protection() & Mman.PROT_WRITE) != 0, "ac");
        flag(text, vma.noReserve(), "nr");
        flag(text, vma.dontDump(), "dd");
        text.append(" \n");
    }

    private static void flag(StringBuilder text, boolean set, String name) {
        if (set) {
            text.append(' ').append(name);
        }
    }

    private static void kib(StringBuilder text, String name, long bytes) {
        String number = Long.toString(bytes / 1024);
        text.append(name)
                .append(':')
                .append(" ".repeat(Math.max(23 - name.length() - number.length(), 1)))
                .append(number)
                .append(" kB\n");
    }
}
