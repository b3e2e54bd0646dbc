package gvj.runtime;

/** What {@code --overlay2} says about writes: to which trees they do not go, and where they go instead. */
enum Overlay {
    /** They reach the host. */
    NONE,
    /** The root's are kept in memory. */
    ROOT_MEMORY,
    /** The root's and those of every other tree are kept in memory. */
    ALL_MEMORY;

    static Overlay of(Options options) {
        return switch (options.value("--overlay2", "none")) {
            case "root:memory" -> ROOT_MEMORY;
            case "all:memory" -> ALL_MEMORY;
            default -> NONE;
        };
    }
}
