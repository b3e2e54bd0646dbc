package gvj.gofer;

import gvj.host.HostErrno;
import gvj.host.HostFiles;
import gvj.host.Statx;
import gvj.wire.Wire;
import gvj.wire.WireBuffer;

/** Operations on trees and names: ATTACH, SEAL, DETACH, WALK, LINK, UNLINK, RENAME, READLINK, CLOSE. */
final class TreeOperations {
    private static final int RENAME_FLAGS = HostFiles.RENAME_NOREPLACE | HostFiles.RENAME_EXCHANGE;

    private final Call call;
    private final NodeTable table;
    private final WireBuffer in;
    private final WireBuffer out;
    private final Scratch scratch;
    private final long[] names = new long[Wire.MAX_WALK];
    private final int[] lengths = new int[Wire.MAX_WALK];

    TreeOperations(Call call) {
        this.call = call;
        table = call.table;
        in = call.in;
        out = call.out;
        scratch = call.scratch;
    }

    int attach() {
        int version = in.getInt();
        int mount = in.getInt();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        if (version != Wire.VERSION) {
            return -HostErrno.EPROTO;
        }
        Mount m = call.server.mount(mount);
        if (m == null || !table.reference(m.root)) {
            return -HostErrno.ENOENT;
        }
        try {
            int result = HostFiles.fstatx(m.root.fd, Statx.BASIC_STATS | Statx.BTIME, scratch.statx);
            if (result < 0) {
                table.forget(m.root.id);
                return result;
            }
            int copies = call.isOverlay(m.root.fd) ? Wire.MOUNT_COPIES_UP : 0;
            out.putInt(copies | (m.readOnly ? Wire.MOUNT_READ_ONLY : 0));
            return call.putNode(m.root, m.root.fd, scratch.dot);
        } finally {
            table.release(m.root);
        }
    }

    int seal() {
        int mount = in.getInt();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        Mount m = call.server.mount(mount);
        if (m == null) {
            return -HostErrno.ENOENT;
        }
        m.readOnly = true;
        return 0;
    }

    int detach() {
        int mount = in.getInt();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        Mount m = call.server.remove(mount);
        if (m == null) {
            return -HostErrno.ENOENT;
        }
        table.forget(m);
        return 0;
    }

    int walk() {
        int id = in.getInt();
        int count = in.getInt();
        if (count < 1 || count > Wire.MAX_WALK) {
            return Call.MALFORMED;
        }
        int bad = 0;
        for (int i = 0; i < count; i++) {
            names[i] = in.getName();
            lengths[i] = in.nameLength();
            if (bad == 0 && names[i] != 0) {
                bad = Call.nameError(names[i], lengths[i]);
            }
        }
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        if (bad < 0) {
            return bad;
        }
        Node start = call.enter(id);
        if (start == null) {
            return -HostErrno.EBADF;
        }
        try {
            walkFrom(start, count);
            return 0;
        } finally {
            call.leave(start);
        }
    }

    private void walkFrom(Node start, int count) {
        int head = out.position();
        out.putInt(0);
        out.putInt(0);
        Node dir = start;
        table.acquire(dir);
        int status = Call.directoryError(start);
        int found = 0;
        while (status == 0 && found < count) {
            int fd = table.fd(dir, scratch);
            status = fd < 0 ? fd : call.statName(fd, names[found]);
            if (status < 0) {
                break;
            }
            Node child = call.publish(dir, names[found], lengths[found]);
            if (child == null) {
                status = -HostErrno.ENOMEM;
                break;
            }
            call.putNode(child, fd, names[found]);
            table.release(dir);
            dir = child;
            found++;
            if (!dir.isDirectory()) {
                break;
            }
            status = found < count ? Call.directoryError(dir) : 0;
        }
        table.release(dir);
        out.patchInt(head, status);
        out.patchInt(head + 4, found);
    }

    int readlink() {
        int id = in.getInt();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        Node n = call.enter(id);
        if (n == null) {
            return -HostErrno.EBADF;
        }
        try {
            if (n.type != Node.S_IFLNK) {
                return -HostErrno.EINVAL;
            }
            int fd = table.fd(n, scratch);
            int length = fd < 0 ? fd : HostFiles.freadlink(fd, scratch.target, Wire.MAX_TARGET);
            if (length >= 0) {
                out.putName(scratch.target, length);
            }
            return Math.min(length, 0);
        } finally {
            call.leave(n);
        }
    }

    int unlink() {
        int id = in.getInt();
        int flags = in.getInt();
        long name = in.getName();
        int length = in.nameLength();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        int bad = Call.nameError(name, length);
        if (bad < 0 || (flags & ~HostFiles.AT_REMOVEDIR) != 0) {
            return bad < 0 ? bad : -HostErrno.EINVAL;
        }
        Node parent = call.enterAlone(id);
        if (parent == null) {
            return -HostErrno.EBADF;
        }
        try {
            bad = Call.changeError(parent);
            int dir = bad < 0 ? bad : table.fd(parent, scratch);
            return dir < 0 ? dir : unlink(parent, dir, name, length, flags);
        } finally {
            call.leaveAlone(parent);
        }
    }

    private int unlink(Node parent, int dir, long name, int length, int flags) {
        Node known = table.find(parent, name, length);
        if (known == null) {
            int result = HostFiles.unlinkat(dir, name, flags);
            return result < 0 ? result : answerLinks(0);
        }
        try {
            keep(known);
            int result = HostFiles.unlinkat(dir, name, flags);
            if (result == 0) {
                answerLinks(linksLeft(known));
                table.unlinked(known);
            }
            return result;
        } finally {
            table.release(known);
        }
    }

    private int answerLinks(int left) {
        out.putInt(left);
        return 0;
    }

    /** How many names a held node has that just lost one; 0 if that cannot be told. */
    private int linksLeft(Node n) {
        boolean known = !n.isDirectory() && n.fd >= 0 && HostFiles.fstatx(n.fd, Statx.BASIC_STATS, scratch.statx) == 0;
        return known ? Statx.nlink(scratch.statx) : 0;
    }

    /** Opens a node whose place is about to go, so that it stays of use to who still has it. */
    private void keep(Node n) {
        table.fd(n, scratch); // if that fails, it will be stale: no harm but to who asks for it
    }

    int rename() {
        int id = in.getInt();
        int newId = in.getInt();
        int flags = in.getInt();
        long name = in.getName();
        int length = in.nameLength();
        long newName = in.getName();
        int newLength = in.nameLength();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        int bad = Call.nameError(name, length);
        bad = bad < 0 ? bad : Call.nameError(newName, newLength);
        if (bad < 0 || (flags & ~RENAME_FLAGS) != 0 || flags == RENAME_FLAGS) {
            return bad < 0 ? bad : -HostErrno.EINVAL;
        }
        Node parent = call.enterAlone(id);
        if (parent == null) {
            return -HostErrno.EBADF;
        }
        try {
            Node newParent = table.acquire(newId);
            if (newParent == null) {
                return -HostErrno.EBADF;
            }
            try {
                return rename(parent, name, length, newParent, newName, newLength, flags);
            } finally {
                table.release(newParent);
            }
        } finally {
            call.leaveAlone(parent);
        }
    }

    private int rename(Node parent, long name, int length, Node newParent, long newName, int newLength, int flags) {
        if (newParent.mount != parent.mount) {
            return -HostErrno.EXDEV;
        }
        int bad = Call.changeError(parent);
        bad = bad < 0 ? bad : Call.changeError(newParent);
        int dir = bad < 0 ? bad : table.fd(parent, scratch);
        int newDir = dir < 0 ? dir : table.fd(newParent, scratch);
        if (newDir < 0) {
            return newDir;
        }
        Node from = table.find(parent, name, length);
        Node to = table.find(newParent, newName, newLength);
        try {
            if (to != null) {
                keep(to);
                if (call.statName(dir, name) == 0 && to.is(scratch.statx) && !to.isDirectory()) {
                    // two names of one file: rename(2) does nothing then, and so must we
                    int result = HostFiles.renameat2(dir, name, newDir, newName, flags);
                    return result < 0 ? result : answerLinks(Statx.nlink(scratch.statx));
                }
            }
            int result = HostFiles.renameat2(dir, name, newDir, newName, flags);
            if (result == 0) {
                answerLinks(to == null || (flags & HostFiles.RENAME_EXCHANGE) != 0 ? 0 : linksLeft(to));
                moved(parent, name, length, newParent, newName, newLength, from, to, flags);
            }
            return result;
        } finally {
            if (from != null) {
                table.release(from);
            }
            if (to != null) {
                table.release(to);
            }
        }
    }

    private void moved(
            Node parent,
            long name,
            int length,
            Node newParent,
            long newName,
            int newLength,
            Node from,
            Node to,
            int flags) {
        if ((flags & HostFiles.RENAME_EXCHANGE) != 0) {
            table.exchanged(from, parent, name, length, to, newParent, newName, newLength);
            return;
        }
        if (to != null) {
            table.unlinked(to);
        }
        if (from != null) {
            table.moved(from, newParent, newName, newLength);
        }
    }

    int link() {
        int id = in.getInt();
        int parentId = in.getInt();
        long name = in.getName();
        int length = in.nameLength();
        if (!in.complete()) {
            return Call.MALFORMED;
        }
        int bad = Call.nameError(name, length);
        if (bad < 0) {
            return bad;
        }
        Node parent = call.enterAlone(parentId);
        if (parent == null) {
            return -HostErrno.EBADF;
        }
        try {
            Node n = table.acquire(id);
            if (n == null) {
                return -HostErrno.EBADF;
            }
            try {
                return link(n, parent, name, length);
            } finally {
                table.release(n);
            }
        } finally {
            call.leaveAlone(parent);
        }
    }

    private int link(Node n, Node parent, long name, int length) {
        if (n.mount != parent.mount) {
            return -HostErrno.EXDEV;
        }
        if (n.isDirectory()) {
            return -HostErrno.EPERM;
        }
        int bad = Call.changeError(parent);
        int dir = bad < 0 ? bad : table.fd(parent, scratch);
        if (dir < 0) {
            return dir;
        }
        int fd = table.fd(n, scratch);
        if (fd < 0) {
            return fd;
        }
        int result = HostFiles.flinkat(fd, dir, name);
        if (result == -HostErrno.ENOENT && !n.detached && n.parent != null) {
            result = linkByName(n, dir, name); // without CAP_DAC_READ_SEARCH a descriptor cannot be linked
        }
        if (result < 0) {
            return result;
        }
        result = call.statName(dir, name);
        if (result < 0) {
            return result;
        }
        Node child = call.publish(parent, name, length);
        if (child == null) {
            return -HostErrno.ENOMEM;
        }
        call.putNode(child, dir, name);
        table.release(child);
        return 0;
    }

    private int linkByName(Node n, int dir, long name) {
        Node from = n.parent;
        table.acquire(from);
        try {
            int fromDir = table.fd(from, scratch);
            return fromDir < 0 ? fromDir : HostFiles.linkat(fromDir, scratch.name(n.name), dir, name, 0);
        } finally {
            table.release(from);
        }
    }

    int close() {
        int count = in.getInt();
        if (count < 0 || count > Wire.MAX_CLOSE || in.remaining() != 4 * count) {
            return Call.MALFORMED;
        }
        for (int i = 0; i < count; i++) {
            table.forget(in.getInt()); // a number that is none harms nobody
        }
        return Call.UNANSWERED;
    }
}
