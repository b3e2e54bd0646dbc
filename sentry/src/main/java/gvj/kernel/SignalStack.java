package gvj.kernel;

import gvj.abi.Signals;

/** sigaltstack(2) of one thread; touched by its own thread only. */
final class SignalStack {
    long address;
    long size;
    int flags = Signals.SS_DISABLE;

    void disable() {
        address = 0;
        size = 0;
        flags = Signals.SS_DISABLE;
    }

    /** Whether {@code sp} lies on it. With SS_AUTODISARM nobody ever counts as being on it. */
    boolean contains(long sp) {
        return (flags & Signals.SS_AUTODISARM) == 0 && isWithin(sp);
    }

    /** Whether {@code sp} lies in its memory. */
    boolean isWithin(long sp) {
        return Long.compareUnsigned(sp, address) > 0 && Long.compareUnsigned(sp - address, size) <= 0;
    }

    /** ss_flags as sigaltstack(2) answers it. */
    int status(long sp) {
        if (size == 0) {
            return Signals.SS_DISABLE;
        }
        int on = contains(sp) ? Signals.SS_ONSTACK : 0;
        return on | flags & Signals.SS_AUTODISARM;
    }

    void copyFrom(SignalStack other) {
        address = other.address;
        size = other.size;
        flags = other.flags;
    }
}
