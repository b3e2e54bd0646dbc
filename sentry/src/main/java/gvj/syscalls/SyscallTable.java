package gvj.syscalls;

import gvj.abi.Errno;
import java.util.ArrayList;
import java.util.List;

/** The table of system calls: what the task loop dispatches by, and what docs, strace and metrics read. */
public final class SyscallTable {
    /** Numbers run from 0 to here, exclusive. */
    public static final int SIZE = 1024;

    private static final Handler UNKNOWN = (task, a0, a1, a2, a3, a4, a5) -> -Errno.ENOSYS;

    private final Syscall[] rows = new Syscall[SIZE];
    private final Handler[] handlers = new Handler[SIZE];
    private String origin = "sentry";

    public SyscallTable() {
        java.util.Arrays.fill(handlers, UNKNOWN);
    }

    /** Rows added from now on say that they come from {@code origin}. */
    public void setOrigin(String origin) {
        this.origin = origin;
    }

    /** Adds a row, replacing one of the same number. */
    public void add(int number, String name, Support support, String note, Handler handler) {
        if (number < 0 || number >= SIZE) {
            throw new IllegalArgumentException("system call number " + number + " is not in 0.." + (SIZE - 1));
        }
        rows[number] = new Syscall(number, name, support, note, origin, handler);
        handlers[number] = handler;
    }

    public void add(int number, String name, Handler handler) {
        add(number, name, Support.FULL, "", handler);
    }

    public void add(int number, String name, Handler.Args0 h) {
        add(number, name, (Handler) (t, a, b, c, d, e, f) -> h.call(t));
    }

    public void add(int number, String name, Handler.Args1 h) {
        add(number, name, (Handler) (t, a, b, c, d, e, f) -> h.call(t, a));
    }

    public void add(int number, String name, Handler.Args2 h) {
        add(number, name, (Handler) (t, a, b, c, d, e, f) -> h.call(t, a, b));
    }

    public void add(int number, String name, Handler.Args3 h) {
        add(number, name, (Handler) (t, a, b, c, d, e, f) -> h.call(t, a, b, c));
    }

    public void add(int number, String name, Handler.Args4 h) {
        add(number, name, (Handler) (t, a, b, c, d, e, f) -> h.call(t, a, b, c, d));
    }

    public void add(int number, String name, Handler.Args5 h) {
        add(number, name, (Handler) (t, a, b, c, d, e, f) -> h.call(t, a, b, c, d, e));
    }

    /** Says of the row {@code number} that something is missing. */
    public void partial(int number, String note) {
        Syscall row = rows[number];
        rows[number] = new Syscall(number, row.name(), Support.PARTIAL, note, row.origin(), row.handler());
    }

    /** Adds a row that always answers {@code -errno}, because the feature does not exist here. */
    public void none(int number, String name, int errno, String note) {
        add(number, name, Support.NONE, note, (t, a, b, c, d, e, f) -> -errno);
    }

    /** The handler of {@code number}; one that answers ENOSYS if there is none. Any long is accepted. */
    public Handler handler(long number) {
        return number >= 0 && number < SIZE ? handlers[(int) number] : UNKNOWN;
    }

    /** Whether the table has a row for {@code number}. */
    public boolean has(long number) {
        return number >= 0 && number < SIZE && rows[(int) number] != null;
    }

    /** How much of {@code number} there is; {@link Support#NONE} without a row. */
    public Support support(long number) {
        return has(number) ? rows[(int) number].support() : Support.NONE;
    }

    /** The name of {@code number}, or {@code sys_NUMBER}. */
    public String name(long number) {
        return has(number) ? rows[(int) number].name() : "sys_" + number;
    }

    /** All rows by number. */
    public List<Syscall> rows() {
        List<Syscall> list = new ArrayList<>();
        for (Syscall row : rows) {
            if (row != null) {
                list.add(row);
            }
        }
        return list;
    }

    /** Makes the table of the Sentry's own calls. */
    public static SyscallTable standard() {
        SyscallTable table = new SyscallTable();
        Families.register(table);
        return table;
    }
}
