package gvj.e2e;

/**
 * A comparison with native Linux on a loaded machine can fail because a time limit in the program ran out. It is made once
 * more, and the first failure stays in the log: what fails twice is a bug.
 */
final class Again {
    private Again() {}

    /** What may fail. */
    @FunctionalInterface
    interface Comparison {
        void run() throws Exception;
    }

    static void once(String what, Comparison comparison) throws Exception {
        try {
            comparison.run();
        } catch (AssertionError first) {
            System.out.println("e2e: " + what + " failed and is tried again: " + first.getMessage());
            comparison.run();
        }
    }
}
