package gvj.net.inet;

import gvj.abi.Errno;
import gvj.kernel.Credentials;
import gvj.kernel.ErrnoException;

/** Groups by number, from the first to the last: the value of net.ipv4.ping_group_range. */
public final class GroupRange {
    /** Every group. */
    static final GroupRange ALL = new GroupRange(0, Integer.MAX_VALUE);

    private static final GroupRange NONE = new GroupRange(1, 0);

    private final int first;
    private final int last;

    private GroupRange(int first, int last) {
        this.first = first;
        this.last = last;
    }

    /** Two numbers with blanks between them, and as Linux has it none at all if the second is the smaller one. EINVAL. */
    public static GroupRange parse(String text) {
        String[] words = text.strip().split("[ \t]+");
        if (words.length != 2) {
            throw ErrnoException.of(Errno.EINVAL);
        }
        int first = number(words[0]);
        int last = number(words[1]);
        return first > last ? NONE : new GroupRange(first, last);
    }

    private static int number(String text) {
        try {
            int value = Integer.parseInt(text);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw ErrnoException.of(Errno.EINVAL);
    }

    /** Whether one of the groups of {@code credentials} is among them. */
    boolean hasOneOf(Credentials credentials) {
        if (has(credentials.egid())) {
            return true;
        }
        for (int group : credentials.groups()) {
            if (has(group)) {
                return true;
            }
        }
        return false;
    }

    private boolean has(int group) {
        return group >= first && group <= last;
    }

    @Override
    public String toString() {
        return first + "\t" + last;
    }
}
