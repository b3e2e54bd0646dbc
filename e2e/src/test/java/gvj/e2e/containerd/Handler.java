package gvj.e2e.containerd;

/** A runtime handler of the tests' containerds: runc shows that a case is right, the others have to pass it. */
enum Handler {
    /** The reference. */
    RUNC("runc"),
    /** The shim under test, by ttrpc. */
    GVISOR_JAVA("gvisor-java"),
    /** The shim under test, by gRPC: what containerd 1.7 can as well. */
    GRPC("gvisor-java-grpc"),
    /** The shim under test, by version 3 of ttrpc's service: what containerd 2 can as well. */
    V3("gvisor-java-v3"),
    /** The shim under test, which makes the pods itself: what containerd 2 can as well. */
    SANDBOXER("gvisor-java-sandboxer");

    private final String name;

    Handler(String name) {
        this.name = name;
    }

    /** Whether containers run in a sandbox of gvj. */
    boolean sandboxed() {
        return this != RUNC;
    }

    @Override
    public String toString() {
        return name;
    }
}
