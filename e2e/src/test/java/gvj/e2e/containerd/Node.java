package gvj.e2e.containerd;

import gvj.e2e.oci.GvjOnly;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** What pods are run with. */
record Node(Version version, Handler handler) {
    @Override
    public String toString() {
        return "containerd " + version.number + ", " + handler;
    }

    /**
     * All that a class of tests is run with: {@code -Dgvj.containerd=1.6,1.7,2} and {@code -Dgvj.handlers=runc,gvisor-java,
     * gvisor-java-grpc,gvisor-java-v3,gvisor-java-sandboxer} choose. Unless they are given, runc has its turn with one version: it shows that cases
     * are right.
     */
    static final class All implements ArgumentsProvider {
        @Override
        public Stream<? extends Arguments> provideArguments(
                ParameterDeclarations parameters, ExtensionContext context) {
            boolean gvjOnly = context.getRequiredTestClass().isAnnotationPresent(GvjOnly.class);
            boolean only2 = context.getRequiredTestClass().isAnnotationPresent(AllOfContainerd2.class);
            return Arrays.stream(Version.values())
                    .flatMap(version -> Arrays.stream(Handler.values()).map(handler -> new Node(version, handler)))
                    .filter(node -> node.isChosen() && (node.handler.sandboxed() || !gvjOnly))
                    .filter(node -> node.version != Version.V2
                            || only2
                            || named("gvj.handlers")
                            || node.handler == Handler.GVISOR_JAVA)
                    .map(Arguments::of);
        }
    }

    boolean isChosen() {
        List<String> versions = list("gvj.containerd");
        List<String> handlers = list("gvj.handlers");
        if (handler == Handler.GRPC && version != Version.V1_7) {
            return false; // the others' gRPC does not work
        }
        if ((handler == Handler.SANDBOXER || handler == Handler.V3) && version != Version.V2) {
            return false; // containerd 1.7 has the one for experiments only, and refuses the other
        }
        if (handler == Handler.RUNC && handlers.isEmpty() && version != Version.V1_7) {
            return false;
        }
        return (versions.isEmpty() || versions.contains(version.number))
                && (handlers.isEmpty() || handlers.contains(handler.toString()));
    }

    private static boolean named(String property) {
        return !list(property).isEmpty();
    }

    private static List<String> list(String property) {
        String value = System.getProperty(property, "");
        return value.isEmpty() ? List.of() : List.of(value.split(","));
    }
}
