package gvj.e2e.docker;

import gvj.e2e.Network;
import java.net.URI;
import org.testcontainers.dockerclient.DockerClientProviderStrategy;
import org.testcontainers.dockerclient.TransportConfig;

/** Leads Testcontainers to the dockerd of the test that runs; found through {@code META-INF/services}. */
public final class LocalDaemon extends DockerClientProviderStrategy {
    @Override
    public String getDescription() {
        return "the dockerd of this test";
    }

    @Override
    public TransportConfig getTransportConfig() {
        return TransportConfig.builder()
                .dockerHost(URI.create("unix://" + DockerDaemon.SOCKET))
                .build();
    }

    @Override
    protected int getPriority() {
        return Integer.MAX_VALUE;
    }

    @Override
    public synchronized String getDockerHostIpAddress() {
        return Network.ADDRESS;
    }
}
