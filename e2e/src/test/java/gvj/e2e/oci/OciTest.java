package gvj.e2e.oci;

import gvj.e2e.NothingLeft;
import gvj.e2e.PlatformCondition;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** Base of the OCI cases: the runtime, and containers that do not outlive their case. */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@ArgumentsSource(Runtimes.class)
@ExtendWith({PlatformCondition.class, NothingLeft.class})
abstract class OciTest {
    @Parameter
    Runtime runtime;

    private final List<Container> containers = new ArrayList<>();

    /** A bundle of its own with the usual configuration, whose program is {@code sleep 100}; nothing is created yet. */
    Container container() {
        Container container = new Container(runtime);
        containers.add(container);
        return container;
    }

    /** A pod's members before it: with runc they outlive it, and may write to its bundle. */
    @AfterEach
    void deleteAll() {
        for (Container container : containers.reversed()) {
            container.close();
        }
    }
}
