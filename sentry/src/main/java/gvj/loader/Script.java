package gvj.loader;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;

/** The first line of a script, execve(2): {@code #!interpreter [argument]}. */
record Script(String interpreter, String argument) {
    /** What Linux reads of a file to tell what it is: BINPRM_BUF_SIZE. */
    static final int LINE_BYTES = 256;

    static boolean isScript(byte[] start) {
        return start.length >= 2 && start[0] == '#' && start[1] == '!';
    }

    /**
     * Parses the line; ENOEXEC if there is no interpreter in it or its name is cut off. A NUL where the name should begin
     * is an empty name.
     */
    static Script parse(byte[] start) {
        int end = 2;
        while (end < start.length && start[end] != '\n' && start[end] != 0) {
            end++;
        }
        boolean complete = end < start.length || start.length < LINE_BYTES;
        int at = skipBlanks(start, 2, end);
        int nameEnd = at;
        while (nameEnd < end && !isBlank(start[nameEnd])) {
            nameEnd++;
        }
        boolean endsWithNul = complete && (end == start.length || start[end] == 0);
        if (nameEnd == at ? !endsWithNul : nameEnd == end && !complete) {
            throw ErrnoException.of(Errno.ENOEXEC);
        }
        int argument = skipBlanks(start, nameEnd, end);
        int argumentEnd = end;
        while (argumentEnd > argument && isBlank(start[argumentEnd - 1])) {
            argumentEnd--;
        }
        return new Script(text(start, at, nameEnd), text(start, argument, argumentEnd));
    }

    private static int skipBlanks(byte[] line, int from, int end) {
        int at = from;
        while (at < end && isBlank(line[at])) {
            at++;
        }
        return at;
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\t';
    }

    private static String text(byte[] line, int from, int to) {
        return new String(line, from, to - from, java.nio.charset.StandardCharsets.ISO_8859_1);
    }
}
