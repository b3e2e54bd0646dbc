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
     * gvisor-java-grpc,gvisor-java-v3,gvisor-java-sandboxer} choose, or else what the class says.
     */
    static final class All implements ArgumentsProvider {
        @Override
        public Stream<? extends Arguments> provideArguments(
                ParameterDeclarations parameters, ExtensionContext context) {
            Class<?> tests = context.getRequiredTestClass();
            boolean gvjOnly = tests.isAnnotationPresent(GvjOnly.class);
            return Arrays.stream(Version.values())
                    .flatMap(version -> Arrays.stream(Handler.values()).map(handler -> new Node(version, handler)))
                    .filter(node -> node.isPossible() && node.isChosen(tests) && (node.handler.sandboxed() || !gvjOnly))
                    .map(Arguments::of);
        }
    }

    /** 2's gRPC does not work, and 1.6 has none. 1.7 has pods of shims for experiments only, and refuses version 3. */
    private boolean isPossible() {
        return switch (handler) {
            case GRPC -> version == Version.V1_7;
            case V3, SANDBOXER -> version == Version.V2;
            default -> true;
        };
    }

    private boolean isChosen(Class<?> tests) {
        List<String> versions = list("gvj.containerd");
        List<String> handlers = list("gvj.handlers");
        return (versions.isEmpty() || versions.contains(version.number))
                && (handlers.isEmpty() ? isUsual(tests) : handlers.contains(handler.toString()));
    }

    /** runc has its turn with one version: it shows that cases are right. */
    private boolean isUsual(Class<?> tests) {
        if (tests.isAnnotationPresent(OneContainerd.class) || handler == Handler.RUNC) {
            return version == Version.V1_7 && handler != Handler.GRPC;
        }
        Also also = tests.getAnnotation(Also.class);
        return (handler != Handler.V3 && handler != Handler.SANDBOXER)
                || (also != null && List.of(also.value()).contains(handler));
    }

    private static List<String> list(String property) {
        String value = System.getProperty(property, "");
        return value.isEmpty() ? List.of() : List.of(value.split(","));
    }
}
