package gvj.platform.jni;

import gvj.host.Mem;
import gvj.platform.AddressSpace;
import gvj.platform.ExecutionContext;
import gvj.platform.ExitReason;
import gvj.platform.Registers;

/**
 * A view of the native {@code struct context}, which starts with the registers:
 *
 * <pre>
 *   0 registers   216 fault address   224 error code   232 fault access (int)   236 vector (int)   240 failure text
 * </pre>
 *
 * <p>Locks: this object's monitor keeps {@link #interrupt} and {@link #close} apart.
 */
final class NativeContext implements ExecutionContext {
    private static final int FAULT_ADDRESS = 216, ERROR_CODE = 224, FAULT_ACCESS = 232, VECTOR = 236, FAILURE = 240;
    private static final int FAILURE_BYTES = 256;
    private static final ExitReason[] REASONS = ExitReason.values();

    private final NativeHalf half;
    private final long context;
    private final Registers registers;
    private boolean closed;

    NativeContext(NativeHalf half, long context) {
        this.half = half;
        this.context = context;
        this.registers = new Registers(context);
    }

    @Override
    public Registers registers() {
        return registers;
    }

    @Override
    public ExitReason run(AddressSpace space) {
        return REASONS[half.run(context, ((NativeAddressSpace) space).pointer())];
    }

    @Override
    public synchronized void interrupt() {
        if (!closed) {
            half.interrupt(context);
        }
    }

    @Override
    public synchronized long cpuNanos() {
        return closed ? 0 : half.cpuNanos(context);
    }

    @Override
    public long faultAddress() {
        return Mem.getLong(context + FAULT_ADDRESS);
    }

    @Override
    public int faultAccess() {
        return Mem.getInt(context + FAULT_ACCESS);
    }

    @Override
    public int vector() {
        return Mem.getInt(context + VECTOR);
    }

    @Override
    public long errorCode() {
        return Mem.getLong(context + ERROR_CODE);
    }

    @Override
    public String failure() {
        byte[] text = new byte[FAILURE_BYTES];
        Mem.copy(context + FAILURE, text, 0, FAILURE_BYTES);
        return NativePlatform.text(text);
    }

    @Override
    public void saveFpu(long address) {
        int result = half.saveFpu(context, address);
        if (result < 0) {
            throw new IllegalStateException("the platform does not give the FPU state: errno " + -result);
        }
    }

    @Override
    public boolean loadFpu(long address) {
        return half.loadFpu(context, address) == 0;
    }

    @Override
    public void resetFpu() {
        half.resetFpu(context);
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            half.closeContext(context);
        }
    }
}
