package gvj.host;

/** Loads {@code libgvjhost.so} once, from the directory that the system property {@value #DIRECTORY} names. */
final class HostLibrary {
    static final String DIRECTORY = "gvj.native";

    static {
        System.load(System.getProperty(DIRECTORY, ".") + "/libgvjhost.so");
    }

    private HostLibrary() {}

    /** Makes sure the library is there; a class with native methods calls this from its static initializer. */
    static void load() {
        // the work is the class initialization
    }
}
