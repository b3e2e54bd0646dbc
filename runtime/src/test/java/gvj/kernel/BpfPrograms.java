package gvj.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** For tests of programs that other modules make: runs them as the Sentry would. */
public final class BpfPrograms {
    private BpfPrograms() {}

    /** What {@code program} returns for a call of {@code arch}; throws if the Sentry would not load it. */
    public static int run(long[] program, int arch, int number, long... arguments) {
        ByteBuffer code = ByteBuffer.allocate(8 * program.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long instruction : program) {
            code.putLong(instruction);
        }
        ByteBuffer data = ByteBuffer.allocate(BpfProgram.DATA_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt(number).putInt(arch).putLong(0);
        for (long argument : arguments) {
            data.putLong(argument);
        }
        return new BpfProgram(code.array()).run(data.array());
    }
}
