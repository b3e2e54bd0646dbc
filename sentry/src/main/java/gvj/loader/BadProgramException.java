package gvj.loader;

/**
 * The program turned out to be impossible where execve(2) can no longer fail: segments that do not fit, no memory. Linux
 * kills the process with SIGSEGV then. Without a stack trace; there is only one.
 */
public final class BadProgramException extends RuntimeException {
    static final BadProgramException INSTANCE = new BadProgramException();

    private static final long serialVersionUID = 1L;

    private BadProgramException() {
        super("the program cannot be mapped", null, false, false);
    }
}
