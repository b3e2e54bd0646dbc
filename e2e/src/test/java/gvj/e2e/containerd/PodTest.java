package gvj.e2e.containerd;

import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.oci.Work;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;

/** Base of the tests with pods: each test's pods go when it ends. */
abstract class PodTest extends ContainerdTest {
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
