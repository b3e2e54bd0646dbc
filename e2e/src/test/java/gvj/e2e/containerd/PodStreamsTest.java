package gvj.e2e.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.Network;
import gvj.e2e.Result;
import gvj.e2e.Run;
import org.junit.jupiter.api.Test;

/** Streams between a client and a container, as {@code kubectl exec}, {@code attach} and {@code port-forward} have them. */
class PodStreamsTest extends PodTest {
    private static Channels exec(Container container, boolean terminal, String script) {
        ObjectNode request = request(container, terminal);
        request.putArray("cmd").add("sh").add("-c").add(script);
        return new Channels(
                container.pod().cri.call("Exec", request).path("url").asText());
    }

    private static Channels attach(Container container, boolean terminal) {
        return new Channels(container
                .pod()
                .cri
                .call("Attach", request(container, terminal))
                .path("url")
                .asText());
    }

    private static ObjectNode request(Container container, boolean terminal) {
        return Containerd.object()
                .put("container_id", container.id())
                .put("stdin", true)
                .put("stdout", true)
                .put("stderr", !terminal)
                .put("tty", terminal);
    }

    @Test
    void execWithInput() throws InterruptedException {
        Container container = pod().start("one", "exec sleep 1000");
        try (Channels channels = exec(container, false, "read a; echo got $a; echo err >&2; exit 6")) {
            channels.send(Channels.STDIN, "text\n");
            assertThat(channels.awaitEnd()).contains("\"ExitCode\",\"message\":\"6\"");
            assertThat(channels.text(Channels.STDOUT)).isEqualTo("got text\n");
            assertThat(channels.text(Channels.STDERR)).isEqualTo("err\n");
        }
    }

    @Test
    void execAtATerminal() throws InterruptedException {
        Container container = pod().start("one", "exec sleep 1000");
        try (Channels channels = exec(container, true, "PS1='> ' exec sh")) {
            channels.await(Channels.STDOUT, "> ");
            channels.send(Channels.RESIZE, "{\"Width\": 101, \"Height\": 33}");
            channels.send(Channels.STDIN, "until stty size | grep '33 101'; do sleep 0.05; done; tty\n");
            channels.await(Channels.STDOUT, "33 101\r\n");
            channels.await(Channels.STDOUT, "/dev/pts/");
            channels.send(Channels.STDIN, "sh -c 'echo star\"\"ted; sleep 100; echo never'\n");
            channels.await(Channels.STDOUT, "started\r\n");
            channels.send(Channels.STDIN, "\u0003");
            channels.send(Channels.STDIN, "echo $?; exit 3\n");
            assertThat(channels.awaitEnd()).contains("\"message\":\"3\"");
            assertThat(channels.text(Channels.STDOUT)).contains("130\r\n");
        }
    }

    @Test
    void attachToWhatRuns() throws InterruptedException {
        Container container = pod().start(
                        "one",
                        "while read line; do echo $line | tr a-z A-Z; [ $line = end ] && exit 8; done",
                        config -> config.put("stdin", true));
        try (Channels first = attach(container, false)) {
            first.send(Channels.STDIN, "one\n");
            first.await(Channels.STDOUT, "ONE\n");
        }
        try (Channels second = attach(container, false)) { // the container's input stays open between two
            second.send(Channels.STDIN, "end\n");
            second.await(Channels.STDOUT, "END\n");
            assertThat(container.awaitExit()).isEqualTo(8);
        }
        container.awaitLog("ONE\nEND\n");
    }

    @Test
    void inputThatEndsWithItsFirstReader() {
        Container container = pod().start(
                        "one",
                        "cat; echo end",
                        config -> config.put("stdin", true).put("stdin_once", true));
        try (Channels channels = attach(container, false)) {
            channels.send(Channels.STDIN, "text\n");
            channels.await(Channels.STDOUT, "text\n");
        }
        assertThat(container.awaitExit()).isZero();
        container.awaitLog("text\nend\n");
    }

    @Test
    void attachToATerminal() {
        Container container = pod().start(
                        "one",
                        "PS1='> ' exec sh",
                        config -> config.put("stdin", true).put("tty", true));
        try (Channels channels = attach(container, true)) {
            channels.send(Channels.STDIN, "tty; exit 4\n");
            channels.await(Channels.STDOUT, "/dev/pts/");
        }
        assertThat(container.awaitExit()).isEqualTo(4);
    }

    /** The runtime connects to the port in the network namespace of the pod. */
    @Test
    void portsAreForwarded() {
        Pod pod = pod();
        Container container =
                pod.start("one", "mkdir /www; echo page >/www/index.html; exec httpd -f -p 127.0.0.1:8080 -h /www");
        container.print("until wget -qO /dev/null http://127.0.0.1:8080/; do sleep 0.05; done");
        ObjectNode request = Containerd.object().put("pod_sandbox_id", pod.id);
        request.putArray("port").add(8080);
        try (Channels channels =
                new Channels(pod.cri.call("PortForward", request).path("url").asText())) {
            channels.await(0, "\u0090\u001f"); // the port's number comes first
            channels.send(0, "GET /index.html HTTP/1.0\r\n\r\n");
            channels.await(0, "\r\n\r\npage\n");
        }
    }

    /** The pod's address is reached from the node, where probes come from. */
    @Test
    void theNodeReachesThePod() {
        Pod pod = pod();
        pod.start("one", "mkdir /www; echo page >/www/index.html; exec httpd -f -p 8080 -h /www");
        String address = pod.status().path("network").path("ip").asText();
        Result result = Run.command(Network.inside(
                                "sh",
                                "-c",
                                "for i in $(seq 50); do busybox wget -qO- http://" + address
                                        + ":8080/ && exit; sleep 0.1; done")
                        .toArray(String[]::new))
                .run();
        assertThat(result.out()).isEqualTo("page\n");
    }
}
