package gvj.syscalls;

import static gvj.abi.SyscallNumbers.*;

import gvj.abi.Bytes;
import gvj.abi.Capability;
import gvj.abi.Errno;
import gvj.abi.Mman;
import gvj.kernel.ErrnoException;
import gvj.kernel.Task;
import gvj.mm.MemoryManager;

/** mbind(2), set_mempolicy(2), get_mempolicy(2) on a machine with one memory node: checked, remembered, obeyed. */
final class NumaSyscalls {
    private static final int DEFAULT = 0;
    private static final int PREFERRED = 1;
    private static final int INTERLEAVE = 3;
    private static final int LOCAL = 4;
    private static final int PREFERRED_MANY = 5;
    private static final int PAGE = 4096;
    /** Nodes a mask may name: CONFIG_NODES_SHIFT is 10. */
    private static final int MAX_NODES = 1024;

    private NumaSyscalls() {}

    static void register(SyscallTable t) {
        t.add(SYS_mbind, "mbind", NumaSyscalls::mbind);
        t.partial(SYS_mbind, "one memory node: the policy of a range is checked, not kept");
        t.add(SYS_set_mempolicy, "set_mempolicy", NumaSyscalls::setMempolicy);
        t.add(SYS_get_mempolicy, "get_mempolicy", NumaSyscalls::getMempolicy);
    }

    /** Whether the mask names a node at all; EINVAL for nodes that there cannot be. Node 0 is bit 0 of the answer. */
    private static long nodes(Task task, long mask, long maxNode) {
        long bits = maxNode - 1;
        if (mask == 0 || bits <= 0 && maxNode >= 0) {
            return 0;
        }
        if (bits < 0 || bits > PAGE * 8) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        byte[] bytes = new byte[(int) (bits + 63) / 64 * 8];
        task.mm().copyIn(mask, bytes, 0, bytes.length);
        long first = 0;
        for (int word = 0; word < bytes.length / 8; word++) {
            long value = Bytes.getLong(bytes, word * 8);
            long left = bits - word * 64L;
            value &= left >= 64 ? -1 : (1L << left) - 1;
            if (word * 64 >= MAX_NODES && value != 0) {
                throw ErrnoException.of(Errno.EINVAL);
            }
            // of other nodes it only matters that they were named
            first |= word == 0 ? value & 1 | (value & ~1) << 1 : value != 0 ? 2 : 0;
        }
        return first;
    }

    private static void check(int policy, long nodes) {
        int mode = policy & ~Mman.MPOL_MODE_FLAGS;
        int flags = policy & Mman.MPOL_MODE_FLAGS;
        int both = Mman.MPOL_F_STATIC_NODES | Mman.MPOL_F_RELATIVE_NODES;
        boolean bad = mode < 0
                || mode > PREFERRED_MANY
                || (flags & both) == both
                || mode == DEFAULT && nodes != 0
                || mode == LOCAL && (nodes != 0 || (flags & both) != 0)
                || mode == PREFERRED && nodes == 0 && (flags & both) != 0
                || mode != DEFAULT && mode != LOCAL && mode != PREFERRED && nodes == 0
                || nodes != 0 && (nodes & 1) == 0 && (flags & Mman.MPOL_F_RELATIVE_NODES) == 0;
        if (bad) {
            throw ErrnoException.of(Errno.EINVAL);
        }
    }

    private static long setMempolicy(Task task, long policy, long mask, long maxNode) {
        long nodes = nodes(task, mask, maxNode);
        check((int) policy, nodes);
        int mode = (int) policy & ~Mman.MPOL_MODE_FLAGS;
        task.memoryPolicy = mode == PREFERRED && nodes == 0 ? LOCAL : (int) policy;
        return 0;
    }

    private static long getMempolicy(Task task, long policy, long mask, long maxNode, long address, long flags) {
        if (mask != 0 && maxNode < 1) {
            return -Errno.EINVAL;
        }
        int what = (int) flags;
        boolean node = (what & Mman.MPOL_F_NODE) != 0;
        boolean ofAddress = (what & Mman.MPOL_F_ADDR) != 0;
        boolean allowed = (what & Mman.MPOL_F_MEMS_ALLOWED) != 0;
        if ((flags & ~7) != 0 || allowed && (node || ofAddress) || !ofAddress && !allowed && address != 0) {
            return -Errno.EINVAL;
        }
        int mode = task.memoryPolicy & ~Mman.MPOL_MODE_FLAGS;
        if (ofAddress && !task.mm().isMapped(address)) {
            return -Errno.EFAULT;
        }
        if (node && !ofAddress && mode != INTERLEAVE) {
            return -Errno.EINVAL;
        }
        if (policy != 0) {
            task.mm().writeInt(policy, allowed || node ? 0 : task.memoryPolicy);
        }
        if (mask != 0) {
            writeNodes(task.mm(), mask, maxNode, allowed || mode != DEFAULT && mode != LOCAL);
        }
        return 0;
    }

    private static void writeNodes(MemoryManager mm, long mask, long maxNode, boolean first) {
        long bytes = (maxNode - 1 + 63) / 64 * 8;
        if (bytes > PAGE) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        if (bytes > 0) {
            mm.writeLong(mask, first ? 1 : 0);
            mm.zeroOut(mask + 8, bytes - 8);
        }
    }

    private static long mbind(Task task, long start, long length, long policy, long mask, long maxNode, long flags) {
        long nodes = nodes(task, mask, maxNode);
        if ((flags & ~7) != 0 || (start & PAGE - 1) != 0) {
            return -Errno.EINVAL;
        }
        if ((flags & Mman.MPOL_MF_MOVE_ALL) != 0 && !task.credentials().has(Capability.CAP_SYS_NICE)) {
            return -Errno.EPERM;
        }
        long size = length + PAGE - 1 & -PAGE;
        if (start + size < start) {
            return -Errno.EINVAL;
        }
        check((int) policy, nodes);
        return size == 0 || task.mm().isMapped(start, size) ? 0 : -Errno.EFAULT;
    }
}
