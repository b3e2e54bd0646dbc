package gvj.e2e.docker;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.Image;
import gvj.e2e.Network;
import gvj.e2e.oci.Runtime;
import gvj.e2e.oci.Work;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Containers on networks: published ports seen from outside, none, the bridge, two of them by name, the host's. */
class DockerNetworkTest extends DockerTest {
    private static final String SERVER = "mkdir /www; echo page >/www/index.html; exec httpd -f -h /www -p 80";

    private static String get(String url) throws IOException {
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(url))
                                    .timeout(Duration.ofSeconds(10))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits until something answers at the port. */
    private static void awaitPort(int port) {
        Work.until("port " + port, () -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(Network.ADDRESS, port), 1000);
                return true;
            } catch (IOException e) {
                return false;
            }
        });
    }

    @Test
    void aPublishedPortIsReachedFromOutside() throws IOException {
        detached(SERVER, "-p", "8080:80");
        awaitPort(8080);
        for (int i = 0; i < 20; i++) {
            assertThat(get("http://" + Network.ADDRESS + ":8080/")).isEqualTo("page\n");
        }
        assertThat(out("port", name)).contains("80/tcp -> 0.0.0.0:8080");
    }

    @Test
    void aPortIsChosen() throws IOException {
        detached(SERVER, "-p", "80");
        int port = Integer.parseInt(
                out("port", name, "80/tcp").lines().findFirst().orElseThrow().replaceAll(".*:", ""));
        awaitPort(port);
        assertThat(get("http://" + Network.ADDRESS + ":" + port + "/")).isEqualTo("page\n");
    }

    @Test
    void noNetwork() {
        String out = print(
                "ls /sys/class/net; ip -o addr show lo | grep -c 'inet 127.0.0.1/8'; cat /proc/net/route | wc -l",
                "--network=none");
        assertThat(out).isEqualTo("lo\n1\n1\n");
        assertThat(run("nc -w 1 " + Network.ADDRESS + " 80", "--network=none").status())
                .isNotZero();
        assertThat(print(
                        "(echo ping | nc -l -p 99 >/tmp/got &) ; sleep 0.3; nc 127.0.0.1 99 </dev/null",
                        "--network=none"))
                .isEqualTo("ping\n");
    }

    @Test
    void theBridgeGivesAnAddressAndARoute() {
        String out = print("ip -o -4 addr show eth0; ip route; ip link show eth0");
        assertThat(out).contains("inet 172.17.0.", "default via 172.17.0.1 dev eth0", "link/ether 02:42:");
    }

    @Test
    void theOutsideIsReached() throws IOException {
        try (java.net.ServerSocket server = new java.net.ServerSocket()) {
            server.bind(new InetSocketAddress(Network.OUTSIDE, 0));
            Thread answering = Thread.ofVirtual().start(() -> {
                try (Socket socket = server.accept()) {
                    socket.getOutputStream().write("from outside\n".getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            assertThat(print("nc " + Network.OUTSIDE + " " + server.getLocalPort() + " </dev/null"))
                    .isEqualTo("from outside\n");
            answering.interrupt();
        }
    }

    @Test
    void twoContainersFindEachOtherByName() {
        out("network", "create", "pair");
        try {
            detached(SERVER, "--network=pair", "--network-alias=web");
            Work.until(
                    "the server",
                    () -> run("wget -q -O - http://web/", "--network=pair")
                            .out()
                            .equals("page\n"));
            assertThat(print("wget -q -O - http://" + name + "/", "--network=pair"))
                    .isEqualTo("page\n");
            String raw = runtime == Runtime.GVJ ? DockerDaemon.RAW : runtime.toString();
            assertThat(print("ping -c 1 -W 2 web | grep -c '1 packets received'", "--network=pair", "--runtime=" + raw))
                    .isEqualTo("1\n");
            assertThat(print("arping -c 1 -w 5 -I eth0 web | grep Received", "--network=pair", "--runtime=" + raw))
                    .startsWith("Received 1 response");
            assertThat(run("wget -q -T 2 -O - http://web/").status()).isNotZero(); // another network does not know it
        } finally {
            docker("rm", "-f", name);
            out("network", "rm", "pair");
        }
    }

    @Test
    void twoContainersShareANetwork() {
        detached(SERVER);
        Work.until(
                "the server",
                () -> run("wget -q -O - http://127.0.0.1/", "--network=container:" + name)
                        .out()
                        .equals("page\n"));
    }

    @Test
    void theHostsNetwork() {
        assertThat(print("ip -o -4 addr show out0", "--network=host")).contains(Network.ADDRESS);
    }

    @Test
    void redisAnswersAcrossAPublishedPort() throws IOException {
        out("run", "-d", "--name", name, "-p", "6379:6379", Image.REDIS);
        awaitLog("Ready to accept connections");
        try (Socket socket = new Socket(Network.ADDRESS, 6379)) {
            socket.setSoTimeout(5000);
            byte[] answer = new byte[64];
            for (int i = 0; i < 100; i++) {
                socket.getOutputStream().write("INCR n\r\n".getBytes(StandardCharsets.US_ASCII));
                int length = socket.getInputStream().read(answer);
                assertThat(new String(answer, 0, length, StandardCharsets.US_ASCII))
                        .isEqualTo(":" + (i + 1) + "\r\n");
            }
        }
    }

    @Test
    void aNetworkIsJoinedWhileItRuns() {
        out("network", "create", "late");
        try {
            detached("exec sleep 100");
            out("network", "connect", "late", name);
            assertThat(out("exec", name, "ls", "/sys/class/net").lines()).contains("eth0", "eth1");
            out("network", "disconnect", "late", name);
            assertThat(out("exec", name, "ls", "/sys/class/net").lines()).doesNotContain("eth1");
        } finally {
            docker("rm", "-f", name);
            out("network", "rm", "late");
        }
    }
}
