package gvj.syscalls;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import java.util.Arrays;

/** Structures that grow with time: the caller says how long the one it knows is. */
final class Structs {
    private static final int PAGE = 4096;

    private Structs() {}

    /**
     * Copies a structure in: what the caller does not know of reads as zero, and what we do not know of must be zero
     * (E2BIG).
     *
     * @param size the caller's; EINVAL below {@code oldest}, E2BIG above a page
     * @param newest the size of the structure as we know it
     */
    static byte[] copyIn(Task task, long address, long size, int oldest, int newest) {
        if (Long.compareUnsigned(size, PAGE) > 0) {
            throw ErrnoException.of(Errno.E2BIG);
        }
        if (size < oldest) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        byte[] bytes = task.scratch(PAGE);
        task.mm().copyIn(address, bytes, 0, (int) size);
        for (int i = newest; i < size; i++) {
            if (bytes[i] != 0) {
                throw ErrnoException.of(Errno.E2BIG);
            }
        }
        if (size < newest) {
            Arrays.fill(bytes, (int) size, newest, (byte) 0);
        }
        return bytes;
    }
}
