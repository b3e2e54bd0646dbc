package gvj.e2e.containerd;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.oci.GvjOnly;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.Test;

/** What a sandbox cannot give, and flags that there are not, are refused with a line that says so. */
@GvjOnly
@Also(Handler.SANDBOXER)
final class PodRefusalTest extends PodTest {
    @Test
    void aPrivilegedContainerIsRefused() {
        Pod pod = pod(config -> context(config).put("privileged", true));
        assertThatThrownBy(() ->
                        pod.start("one", "sleep 1000", config -> context(config).put("privileged", true)))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("privileged containers are refused");
    }

    @Test
    void anUnknownFlagIsRefused() {
        assertThatThrownBy(() -> pod(config -> config.putObject("annotations").put("dev.gvisor.flag.nosuch", "x"))
                        .start("one", "sleep 1000")) // where the shim makes the pod, its containers have the pod's
                // annotations
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessageContaining("nosuch");
    }

    private static ObjectNode context(ObjectNode config) {
        return config.withObjectProperty("linux").withObjectProperty("security_context");
    }
}
