package gvj.loader;

import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.kernel.ErrnoException;
import gvj.kernel.RandomSource;
import gvj.mm.MemoryFile;
import gvj.mm.MemoryLayout;
import gvj.mm.MemoryManager;
import gvj.vfs.FileDescription;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts a program into a fresh address space, as execve(2) does: scripts first, then the ELF file, its interpreter, stack
 * and heap. Everything read from the file is hostile.
 */
public final class Loader {
    private static final long PAGE = MemoryFile.PAGE;
    private static final int MAX_SCRIPTS = 5;
    /** Where position independent programs go at least: two thirds of the address space. */
    private static final long PIE_BASE = 0x5555_5555_4000L;

    private static final long RANDOM_PAGES_MMAP = 1L << 28;
    private static final long RANDOM_PAGES_STACK = 1L << 22;
    private static final long RANDOM_PAGES_BRK = 1L << 13;
    private static final long MIN_STACK_GAP = 128L << 20;

    private final MemoryManager mm;
    private final LoadRequest.Opener opener;
    private boolean randomize;

    private Loader(MemoryManager mm, LoadRequest.Opener opener) {
        this.mm = mm;
        this.opener = opener;
    }

    /**
     * Loads a program.
     *
     * @param mm an empty address space
     * @throws ErrnoException ENOEXEC, ELIBBAD, ENOENT, EACCES, E2BIG, ENOMEM, ELOOP and what opening an interpreter gives;
     *     the address space is then to be thrown away
     * @throws BadProgramException if it is too late to fail: the process is to be killed with SIGSEGV
     */
    public static LoadedProgram load(MemoryManager mm, LoadRequest request, LoadRequest.Opener opener) {
        return new Loader(mm, opener).load(request, 0);
    }

    private LoadedProgram load(LoadRequest request, int depth) {
        if (depth > MAX_SCRIPTS) {
            throw ErrnoException.of(Errno.ELOOP);
        }
        ProgramFile file = new ProgramFile(request.file());
        byte[] start = file.read(0, Script.LINE_BYTES);
        if (ElfHeader.isElf(start)) {
            return loadElf(file, request);
        }
        if (!Script.isScript(start)) {
            throw ErrnoException.of(Errno.ENOEXEC);
        }
        return loadScript(request, Script.parse(start), depth);
    }

    private LoadedProgram loadScript(LoadRequest request, Script script, int depth) {
        List<String> args = new ArrayList<>();
        args.add(script.interpreter());
        if (!script.argument().isEmpty()) {
            args.add(script.argument());
        }
        // a script inside a script is called by the path of the outer one's interpreter
        args.add(depth == 0 ? request.path() : request.args().get(0));
        for (int i = 1; i < request.args().size(); i++) {
            args.add(request.args().get(i));
        }
        FileDescription interpreter = open(script.interpreter());
        try {
            return load(request.withProgram(interpreter, args), depth + 1);
        } finally {
            interpreter.decRef();
        }
    }

    /** Opens an interpreter. An empty path leads to a directory, as it does in the kernel. */
    private FileDescription open(String path) {
        if (path.isEmpty()) {
            throw ErrnoException.of(Errno.EACCES);
        }
        return opener.open(path);
    }

    private LoadedProgram loadElf(ProgramFile file, LoadRequest request) {
        ElfHeader header = ElfHeader.read(file, Errno.ENOEXEC);
        if (!file.isMappable()) {
            throw ErrnoException.of(Errno.ENOEXEC);
        }
        if (!header.hasInterpreter()) {
            return place(file, header, request, null, null);
        }
        FileDescription description = open(header.interpreter(file));
        try {
            ProgramFile interpreter = new ProgramFile(description);
            ElfHeader interpreterHeader = ElfHeader.read(interpreter, Errno.ELIBBAD);
            return place(file, header, request, interpreter, interpreterHeader);
        } finally {
            // only the program itself is busy as long as it runs, ETXTBSY
            description.allowWriting();
            description.decRef();
        }
    }

    /** Puts program, interpreter (null for none), stack and heap in their places. */
    private LoadedProgram place(
            ProgramFile file,
            ElfHeader header,
            LoadRequest request,
            ProgramFile interpreterFile,
            ElfHeader interpreterHeader) {
        randomize = request.randomize();
        MemoryLayout layout = new MemoryLayout();
        layout.stackLimit = request.stackLimit();
        long stackTop = mm.platform().userAddressLimit() - PAGE * (1 + random(RANDOM_PAGES_STACK));
        layout.mmapBase = mmapBase(request.stackLimit());
        request.file().incRef();
        layout.executable = request.file();
        mm.setLayout(layout);
        StackBuilder stack =
                new StackBuilder(mm, stackTop, request, header.wantsExecutableStack(), randomize ? random(512) : 0);

        ElfMapper program = new ElfMapper(mm, file, header);
        program.map(header.positionIndependent ? PIE_BASE + PAGE * random(RANDOM_PAGES_MMAP) : 0, layout);
        layout.startBrk = (program.end + PAGE - 1 & -PAGE) + PAGE * random(RANDOM_PAGES_BRK);
        mm.setLayout(layout);
        long entry = program.entry();
        long interpreterBase = 0;
        if (interpreterFile != null) {
            ElfMapper interpreter = new ElfMapper(mm, interpreterFile, interpreterHeader);
            interpreter.map(0, null);
            entry = interpreter.entry();
            interpreterBase = interpreter.bias;
        }
        if (entry < 0 || entry >= mm.platform().userAddressLimit()) {
            throw BadProgramException.INSTANCE;
        }
        try {
            long vdso = request.vdso() == null ? 0 : request.vdso().map(mm);
            long stackPointer = stack.build(program, header.segmentCount, interpreterBase, vdso, layout);
            return new LoadedProgram(entry, stackPointer, commName(request.path()));
        } catch (ErrnoException e) {
            throw BadProgramException.INSTANCE;
        }
    }

    /** Below the largest stack there may be, and a random distance. */
    private long mmapBase(long stackLimit) {
        long limit = mm.platform().userAddressLimit();
        long most = limit / 6 * 5;
        long gap = stackLimit < 0 || stackLimit > most ? most : stackLimit;
        gap = Math.min(Math.max(gap + PAGE * (RANDOM_PAGES_STACK + 256), MIN_STACK_GAP), most);
        return limit - gap - PAGE * random(RANDOM_PAGES_MMAP) & -PAGE;
    }

    private long random(long bound) {
        return randomize ? RandomSource.nextLong() & bound - 1 : 0;
    }

    /** The last component of the path, at most 15 bytes. */
    private static String commName(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return name.length() > 15 ? name.substring(0, 15) : name;
    }

    /** Flags of an address range that grows like a stack. */
    static final int STACK_FLAGS =
            Mman.MAP_PRIVATE | Mman.MAP_ANONYMOUS | Mman.MAP_FIXED | Mman.MAP_GROWSDOWN | Mman.MAP_STACK;
}
