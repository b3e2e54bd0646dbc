package gvj.loader;

import gvj.abi.Bytes;
import gvj.abi.Elf;
import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import java.util.ArrayList;
import java.util.List;

/**
 * The ELF header and program headers of an amd64 program, checked.
 *
 * <pre>
 * Elf64_Ehdr: 0 e_ident[16] 16 e_type 18 e_machine 20 e_version 24 e_entry 32 e_phoff 40 e_shoff 48 e_flags
 *             52 e_ehsize 54 e_phentsize 56 e_phnum ...                                            (64 bytes)
 * Elf64_Phdr: 0 p_type 4 p_flags 8 p_offset 16 p_vaddr 24 p_paddr 32 p_filesz 40 p_memsz 48 p_align (56 bytes)
 * </pre>
 */
final class ElfHeader {
    private static final int HEADER_BYTES = 64;
    private static final int SEGMENT_BYTES = 56;
    private static final int MAX_SEGMENTS = 65536 / SEGMENT_BYTES;
    private static final int PATH_MAX = 4096;

    /** A program header. */
    record Segment(int type, int flags, long offset, long address, long fileBytes, long memoryBytes, long align) {}

    final boolean positionIndependent;
    final long entry;
    final long headersOffset;
    final int segmentCount;
    final List<Segment> segments = new ArrayList<>();

    private ElfHeader(byte[] header, int badErrno) {
        boolean ok = header.length == HEADER_BYTES
                && header[0] == 0x7f
                && header[1] == 'E'
                && header[2] == 'L'
                && header[3] == 'F'
                && header[4] == Elf.ELFCLASS64
                && header[5] == Elf.ELFDATA2LSB
                && Bytes.getShort(header, 18) == Elf.EM_X86_64
                && Bytes.getShort(header, 54) == SEGMENT_BYTES;
        int type = ok ? Bytes.getShort(header, 16) : 0;
        segmentCount = ok ? Bytes.getShort(header, 56) & 0xffff : 0;
        if (type != Elf.ET_EXEC && type != Elf.ET_DYN || segmentCount < 1 || segmentCount > MAX_SEGMENTS) {
            throw ErrnoException.of(badErrno);
        }
        positionIndependent = type == Elf.ET_DYN;
        entry = Bytes.getLong(header, 24);
        headersOffset = Bytes.getLong(header, 32);
    }

    /** Whether the first bytes of a file say it is ELF. */
    static boolean isElf(byte[] start) {
        return start.length >= 4 && start[0] == 0x7f && start[1] == 'E' && start[2] == 'L' && start[3] == 'F';
    }

    /**
     * Reads and checks the headers.
     *
     * @param badErrno ENOEXEC for a program, ELIBBAD for an interpreter
     */
    static ElfHeader read(ProgramFile file, int badErrno) {
        byte[] start = file.read(0, HEADER_BYTES);
        if (start.length < HEADER_BYTES && badErrno == Errno.ELIBBAD) {
            throw ErrnoException.of(Errno.EIO);
        }
        ElfHeader header = new ElfHeader(start, badErrno);
        if (header.headersOffset < 0) {
            throw ErrnoException.of(badErrno);
        }
        byte[] table = file.readFully(header.headersOffset, header.segmentCount * SEGMENT_BYTES, badErrno);
        for (int i = 0; i < header.segmentCount; i++) {
            int at = i * SEGMENT_BYTES;
            header.segments.add(new Segment(
                    Bytes.getInt(table, at),
                    Bytes.getInt(table, at + 4),
                    Bytes.getLong(table, at + 8),
                    Bytes.getLong(table, at + 16),
                    Bytes.getLong(table, at + 32),
                    Bytes.getLong(table, at + 40),
                    Bytes.getLong(table, at + 48)));
        }
        return header;
    }

    /** Whether there is a PT_INTERP: {@link #interpreter} says which. */
    boolean hasInterpreter() {
        for (Segment segment : segments) {
            if (segment.type == Elf.PT_INTERP) {
                return true;
            }
        }
        return false;
    }

    /** The path in PT_INTERP; ENOEXEC for one that is malformed, EIO for one behind the end of the file. */
    String interpreter(ProgramFile file) {
        for (Segment segment : segments) {
            if (segment.type == Elf.PT_INTERP) {
                if (segment.fileBytes < 2 || segment.fileBytes > PATH_MAX) {
                    throw ErrnoException.of(Errno.ENOEXEC);
                }
                if (segment.offset < 0) {
                    throw ErrnoException.of(Errno.EINVAL);
                }
                byte[] path = file.readFully(segment.offset, (int) segment.fileBytes, Errno.EIO);
                if (path[path.length - 1] != 0) {
                    throw ErrnoException.of(Errno.ENOEXEC);
                }
                int end = 0;
                while (path[end] != 0) {
                    end++;
                }
                return new String(path, 0, end, java.nio.charset.StandardCharsets.ISO_8859_1);
            }
        }
        return "";
    }

    /** Whether PT_GNU_STACK asks for an executable stack; without one Linux gives amd64 programs none either. */
    boolean wantsExecutableStack() {
        for (Segment segment : segments) {
            if (segment.type == Elf.PT_GNU_STACK) {
                return (segment.flags & Elf.PF_X) != 0;
            }
        }
        return false;
    }
}
