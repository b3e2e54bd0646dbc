package gvj.e2e.containerd;

import gvj.e2e.NothingLeft;
import gvj.e2e.PlatformCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** Base of the tests with a containerd: one for each version and handler. */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@ArgumentsSource(Node.All.class)
@ExtendWith({PlatformCondition.class, NothingLeft.class})
abstract class ContainerdTest {
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
}
