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
    /** Where position independent programs go without randomisation: two thirds of the address space. */
    private static final long PIE_BASE = 0x5555_5555_4000L;

    private static final long MAX_RANDOM_PAGES_PIE = 1L << 22;
    private static final long MAX_RANDOM_PAGES_MMAP = 1L << 22;
    private static final long MAX_RANDOM_PAGES_STACK = 1L << 18;
    private static final long MAX_RANDOM_PAGES_BRK = 1L << 13;
    private static final long MIN_STACK_GAP = 128L << 20;

    private final MemoryManager mm;
    private final LoadRequest.Opener opener;

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
     */
    public static LoadedProgram load(MemoryManager mm, LoadRequest request, LoadRequest.Opener opener) {
        return new Loader(mm, opener).load(request, 0);
    }

    private LoadedProgram load(LoadRequest request, int depth) {
        ProgramFile file = new ProgramFile(request.file());
        byte[] start = file.read(0, Script.LINE_BYTES);
        if (ElfHeader.isElf(start)) {
            return loadElf(file, request);
        }
        if (!Script.isScript(start)) {
            throw ErrnoException.of(Errno.ENOEXEC);
        }
        if (depth == MAX_SCRIPTS) {
            throw ErrnoException.of(Errno.ELOOP);
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
        FileDescription interpreter = opener.open(script.interpreter());
        try {
            return load(request.withProgram(interpreter, args), depth + 1);
        } finally {
            interpreter.decRef();
        }
    }

    private LoadedProgram loadElf(ProgramFile file, LoadRequest request) {
        ElfHeader header = ElfHeader.read(file, Errno.ENOEXEC);
        String interpreterPath = header.interpreter(file);
        MemoryLayout layout = new MemoryLayout();
        layout.stackLimit = request.stackLimit();
        long stackTop = mm.platform().userAddressLimit() - PAGE * (1 + random(MAX_RANDOM_PAGES_STACK));
        layout.mmapBase = mmapBase(stackTop, request.stackLimit());
        mm.setLayout(layout);
        StackBuilder stack = new StackBuilder(mm, stackTop, request, header.wantsExecutableStack());

        ElfMapper program = new ElfMapper(mm, file, header, Errno.ENOEXEC);
        boolean pie = header.positionIndependent && !interpreterPath.isEmpty();
        long base = !header.positionIndependent ? 0 : PIE_BASE + PAGE * random(MAX_RANDOM_PAGES_PIE);
        program.map(pie || header.positionIndependent ? base : 0, layout);
        layout.startBrk = ((program.end + PAGE - 1) & -PAGE) + PAGE * random(MAX_RANDOM_PAGES_BRK);
        request.file().incRef();
        layout.executable = request.file();
        mm.setLayout(layout);

        long entry = program.entry();
        long interpreterBase = 0;
        if (!interpreterPath.isEmpty()) {
            ElfMapper interpreter = mapInterpreter(interpreterPath);
            entry = interpreter.entry();
            interpreterBase = interpreter.bias;
        }
        if (entry < 0 || entry >= mm.platform().userAddressLimit()) {
            throw ErrnoException.of(Errno.ENOEXEC);
        }
        long stackPointer = stack.build(program, header.segmentCount, interpreterBase, layout);
        return new LoadedProgram(entry, stackPointer, commName(request.path()));
    }

    private ElfMapper mapInterpreter(String path) {
        FileDescription description = opener.open(path);
        try {
            ProgramFile file = new ProgramFile(description);
            ElfMapper interpreter = new ElfMapper(mm, file, ElfHeader.read(file, Errno.ELIBBAD), Errno.ELIBBAD);
            interpreter.map(0, null);
            return interpreter;
        } finally {
            description.decRef();
        }
    }

    private static long mmapBase(long stackTop, long stackLimit) {
        long gap = stackLimit < 0 ? stackTop / 6 * 5 : Math.max(stackLimit, MIN_STACK_GAP);
        gap = Math.min(gap + (1L << 20) + (256L << 12), stackTop / 6 * 5);
        return (stackTop - gap - PAGE * random(MAX_RANDOM_PAGES_MMAP)) & -PAGE;
    }

    private static long random(long bound) {
        return RandomSource.nextLong() & bound - 1;
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
