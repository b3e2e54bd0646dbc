package gvj.platform;

/**
 * Registers and FPU state of one application thread. Used by one thread at a time, except {@link #interrupt}.
 */
public interface ExecutionContext extends AutoCloseable {
    /** The registers, in memory that the platform's native half shares. Valid until {@link #close}. */
    Registers registers();

    /** Runs application code in {@code space} until something needs the Sentry. Allocates nothing. */
    ExitReason run(AddressSpace space);

    /**
     * Makes a running or the next {@link #run} return {@link ExitReason#INTERRUPTED} soon. Any thread may call it. An
     * interrupt is never lost: if it arrives outside of {@code run}, the next {@code run} returns at once.
     */
    void interrupt();

    /**
     * CPU time, in nanoseconds, that application code has had on threads other than the caller of {@link #run}; 0 where
     * it runs on that one. Any thread may ask; after {@link #close} it is 0.
     */
    long cpuNanos();

    /** The faulting address of the last {@link ExitReason#FAULT}. */
    long faultAddress();

    /** What the last {@link ExitReason#FAULT} tried: one of PROT_READ, PROT_WRITE, PROT_EXEC. */
    int faultAccess();

    /** The x86 vector of the last {@link ExitReason#EXCEPTION} (0 divide, 1 debug, 3 breakpoint, 6 opcode, 13 GP, ...). */
    int vector();

    /** The x86 error code of the last fault or exception, 0 where there is none. */
    long errorCode();

    /** One sentence about the last {@link ExitReason#FAILED}. */
    String failure();

    /** Writes the XSAVE area ({@link Platform#fpuBytes} bytes, standard format) to native memory. */
    void saveFpu(long address);

    /**
     * Loads an XSAVE area of {@link Platform#fpuBytes} bytes from native memory. The bytes may come from the application:
     * reserved MXCSR bits and unknown XSTATE_BV bits are cleared, never trusted.
     *
     * @return false if the area cannot be loaded even so
     */
    boolean loadFpu(long address);

    /** The FPU state after execve: control word 0x37f, MXCSR 0x1f80, everything else zero. */
    void resetFpu();

    /** Frees native memory; the context must not be running. */
    @Override
    void close();
}
