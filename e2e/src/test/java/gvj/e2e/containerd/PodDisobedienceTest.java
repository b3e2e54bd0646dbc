package gvj.e2e.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.oci.GvjOnly;
import org.junit.jupiter.api.Test;

/** A Sentry that an attacker has need not obey. */
@GvjOnly
@OneContainerd
class PodDisobedienceTest extends PodTest {
    @Test
    void aContainerIsStoppedWhateverItsSentryDoes() {
        Pod pod = pod();
        Container one = pod.start("one", "exec sleep 1000");
        PodHost.signal(host().sentry(pod), "STOP");
        one.stop(0);
        assertThat(one.awaitExit()).isEqualTo(137);
        pod.stop();
    }
}
