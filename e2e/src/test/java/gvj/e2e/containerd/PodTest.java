package gvj.e2e.containerd;

import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.NothingLeft;
import gvj.e2e.PlatformCondition;
import gvj.e2e.oci.Work;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** Base of the tests with pods: a containerd for each version and handler, and each test's pods go when it ends. */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@ArgumentsSource(Node.All.class)
@ExtendWith({PlatformCondition.class, NothingLeft.class})
abstract class PodTest {
    static Containerd containerd;

    @Parameter
    Node node;

    @BeforeParameterizedClassInvocation
    static void startContainerd(Node node) {
        containerd = new Containerd(node.version());
    }

    @AfterParameterizedClassInvocation
    static void stopContainerd() {
        if (containerd != null) {
            containerd.close();
            containerd = null;
        }
    }

    @AfterEach
    void removePods() {
        containerd.removePods();
    }

    Pod pod() {
        return pod(config -> {});
    }

    Pod pod(Consumer<ObjectNode> change) {
        return new Pod(containerd.cri(), node.handler(), change);
    }

    static PodHost host() {
        return new PodHost(containerd);
    }

    /** A new directory on the host. */
    static Path volume() {
        return Work.directory(Work.temporary("volume"));
    }
}
