package gvj.platform;

/**
 * A way to run application code: ring 3 of a virtual machine (kvm), or stub processes (systrap).
 *
 * <p>One instance serves one sandbox. All methods may be called from any thread.
 */
public interface Platform extends AutoCloseable {
    /** The name that {@code --platform=} takes. */
    String name();

    /** What was found out at start, one line for the debug log (round-trip time, quirks, vCPUs). */
    String description();

    /** First address that an application may not use, for instance {@code 0x7ffffffff000}. */
    long userAddressLimit();

    /** A new, empty address space, or null if the host has no room for another. */
    AddressSpace newAddressSpace();

    /** A new execution context with all registers zero and the FPU in its initial state. */
    ExecutionContext newContext();

    /** The XSAVE feature mask (XCR0) applications run with. */
    long xcr0();

    /** Bytes of an XSAVE area for {@link #xcr0()}, standard (non-compacted) format. */
    int fpuBytes();

    /** Whether RDTSC in application code reads the host's counter, as a vDSO that must agree with the Sentry needs. */
    default boolean hostTsc() {
        return true;
    }

    /** Nanoseconds of a system call's way to the Sentry and back, as measured when the platform was made; 0 if it was not. */
    default long roundTripNanos() {
        return 0;
    }

    /** Entries into application code so far, for {@code --stats}. */
    long entries();

    /** Releases everything; no context may be running. */
    @Override
    void close();
}
