package gvj.fs.tmpfs;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import gvj.mm.MemoryFile;

/** Mount options of tmpfs(5). -1 where one was not given; 0 means no limit. */
final class TmpfsOptions {
    long pages = -1;
    long inodes = -1;
    int mode = -1;
    int uid = -1;
    int gid = -1;

    /** Parses {@code size=64k,mode=1777}; {@code size=50%} is of {@code totalPages}. EINVAL. */
    static TmpfsOptions parse(String text, long totalPages) {
        TmpfsOptions options = new TmpfsOptions();
        for (String option : text.split(",")) {
            if (!option.isEmpty()) {
                options.set(option, totalPages);
            }
        }
        return options;
    }

    private void set(String option, long totalPages) {
        int equals = option.indexOf('=');
        String key = equals < 0 ? option : option.substring(0, equals);
        String value = equals < 0 ? "" : option.substring(equals + 1);
        switch (key) {
            case "size" ->
                pages = value.endsWith("%")
                        ? number(value.substring(0, value.length() - 1), 10) * totalPages / 100
                        : (bytes(value) + MemoryFile.PAGE - 1) / MemoryFile.PAGE;
            case "nr_blocks" -> pages = bytes(value);
            case "nr_inodes" -> inodes = bytes(value);
            case "mode" -> mode = (int) number(value, 8) & 07777;
            case "uid" -> uid = (int) number(value, 10);
            case "gid" -> gid = (int) number(value, 10);
            case "huge", "mpol", "inode32", "inode64", "noswap" -> {}
            default -> throw invalid();
        }
    }

    /** A number with k, m, g, t, p or e behind it. */
    private static long bytes(String value) {
        if (value.isEmpty()) {
            throw invalid();
        }
        int unit = "kmgtpe".indexOf(Character.toLowerCase(value.charAt(value.length() - 1)));
        long number = number(unit < 0 ? value : value.substring(0, value.length() - 1), 10);
        int shift = 10 * (unit + 1);
        if (number > Long.MAX_VALUE >> shift) {
            throw invalid();
        }
        return number << shift;
    }

    private static long number(String value, int radix) {
        try {
            long number = Long.parseLong(value, radix);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw invalid();
        }
        throw invalid();
    }

    private static ErrnoException invalid() {
        return ErrnoException.of(Errno.EINVAL);
    }
}
