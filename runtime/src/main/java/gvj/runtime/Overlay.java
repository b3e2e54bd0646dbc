package gvj.runtime;

/**
 * What {@code --overlay2} says about writes: to which trees they do not go, and where they go instead.
 *
 * @param root whether the root's are kept elsewhere
 * @param others whether those of every other tree are kept in memory
 * @param medium where the root's are kept: {@code memory}, {@code self} (a directory beside the root's, which goes with the
 *     sandbox), or {@code dir=} and a directory in which one is made that stays
 */
record Overlay(boolean root, boolean others, String medium) {
    private static final String DIRECTORY = "dir=";

    /** Writes reach the host. */
    static final Overlay NONE = new Overlay(false, false, "");

    /** {@code none}, {@code root:MEDIUM} or {@code all:memory}. */
    static Overlay of(Options options) {
        String value = options.value("--overlay2", "none");
        if (value.equals("none")) {
            return NONE;
        }
        return new Overlay(true, value.startsWith("all:"), value.substring(value.indexOf(':') + 1));
    }

    /** The tree that takes what is written to the root at {@code root}, see {@link Bundle#trees}; empty for memory. */
    String upperTree(String root, String id) {
        int end = root.length();
        while (end > 1 && root.charAt(end - 1) == '/') {
            end--;
        }
        return switch (medium) {
            case "memory" -> "";
            case "self" -> "up " + root.substring(0, end) + ".gvj-" + id;
            default -> "uk " + medium.substring(DIRECTORY.length()) + "/gvj-" + id;
        };
    }
}
