package gvj.agent;

import gvj.agent.install.ClusterUninstall;
import gvj.agent.install.InstallException;
import gvj.agent.install.InstallPlan;
import gvj.agent.install.Installer;
import gvj.agent.install.NodeMark;
import gvj.agent.metrics.MetricsServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code gvj-agent metrics|install|uninstall|uninstall-nodes [--name=value]...} */
public final class Main {
    private static final String USAGE = """
            usage: gvj-agent COMMAND [--NAME=VALUE]...      (or GVJ_AGENT_NAME in the environment)

            metrics           serves /metrics and /healthz
              --listen=:9464  --roots=/run/containerd/gvisor-java/*,/run/gvj,...  --deadline-millis=2000
            install           puts gvj onto this node and tells containerd
            uninstall         takes it away again
              --host-root=/host  --source=/opt/gvisor-java  --prefix=/opt/gvisor-java  --bin=/usr/local/bin
              --config=/etc/containerd/config.toml  --options=/etc/containerd/gvisor-java.toml
              --handler=gvisor-java  --runtime-path=false  --flags=platform=systrap,...
              --restart="systemctl restart containerd"  --socket=/run/containerd/containerd.sock
              --host-exec=/opt/gvisor-java-agent/host-exec  --node=NAME (none: no cluster)
            uninstall-nodes   takes it away from all nodes, by a pod on each
              --namespace=NAME  --template=FILE  --handler=gvisor-java
            """;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private Main() {}

    /** Runs one command; status 1 with one line if it cannot be carried out. */
    public static void main(String[] args) throws InterruptedException {
        if (args.length == 0 || args[0].equals("--help")) {
            System.out.print(USAGE);
            System.exit(args.length == 0 ? 2 : 0);
        }
        try {
            Settings settings = new Settings(List.of(args).subList(1, args.length), System.getenv());
            switch (args[0]) {
                case "metrics" -> metrics(settings);
                case "install" -> node(settings, true);
                case "uninstall" -> node(settings, false);
                case "uninstall-nodes" -> cluster(settings);
                default -> throw new InstallException("there is no command " + args[0] + " (see gvj-agent --help)");
            }
        } catch (InstallException | IOException | KubernetesClientException e) {
            String message = e instanceof InstallException ? e.getMessage() : e.toString();
            System.err.println("gvj-agent: " + message);
            System.exit(1);
        }
    }

    private static void metrics(Settings settings) throws IOException, InstallException, InterruptedException {
        String listen = settings.value("listen", ":9464");
        String roots = settings.value("roots", "");
        long deadline = number("deadline-millis", settings.value("deadline-millis", "2000"), 60_000);
        settings.allUsed();
        int colon = listen.lastIndexOf(':');
        int port = (int) number("listen", listen.substring(colon + 1), 65_535);
        InetSocketAddress address =
                colon <= 0 ? new InetSocketAddress(port) : new InetSocketAddress(listen.substring(0, colon), port);
        MetricsServer server = new MetricsServer(address, roots, deadline * NANOS_PER_MILLI);
        System.out.println("gvj-agent: metrics at port " + server.port());
        Thread.currentThread().join();
    }

    private static long number(String name, String text, long max) throws InstallException {
        try {
            long value = Long.parseLong(text);
            if (value >= 0 && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new InstallException("--" + name + ": \"" + text + "\" is no number up to " + max);
    }

    private static void node(Settings settings, boolean install) throws IOException, InstallException {
        InstallPlan plan = new InstallPlan(
                Path.of(settings.value("host-root", "/host")),
                Path.of(settings.value("source", "/opt/gvisor-java")),
                settings.value("release", "0.1.0"),
                settings.value("prefix", "/opt/gvisor-java"),
                settings.value("bin", "/usr/local/bin"),
                settings.value("config", "/etc/containerd/config.toml"),
                settings.value("options", "/etc/containerd/gvisor-java.toml"),
                settings.value("handler", "gvisor-java"),
                Boolean.parseBoolean(settings.value("runtime-path", "false")),
                settings.map("flags"));
        String hostExec = settings.value("host-exec", "/opt/gvisor-java-agent/host-exec");
        String restart =
                settings.value("restart", "systemctl restart containerd").strip();
        List<String> words = restart.isEmpty() ? List.of() : List.of(restart.split("\\s+"));
        String socket = settings.value("socket", "/run/containerd/containerd.sock");
        String name = settings.value("node", "");
        settings.allUsed();
        try (KubernetesClient client = name.isEmpty() ? null : new KubernetesClientBuilder().build()) {
            NodeMark mark = client == null ? null : new NodeMark(client, name);
            Installer installer = Installer.of(plan, hostExec, words, socket, mark);
            if (install) {
                installer.install();
            } else {
                installer.uninstall();
            }
        }
    }

    private static void cluster(Settings settings) throws IOException, InstallException {
        String namespace = settings.value("namespace", "kube-system");
        String template = Files.readString(Path.of(settings.value("template", "/etc/gvj-agent/uninstall-pod.yaml")));
        String handler = settings.value("handler", "gvisor-java");
        settings.allUsed();
        try (KubernetesClient client = new KubernetesClientBuilder().build()) {
            new ClusterUninstall(client, namespace, template).run(handler);
        }
    }
}
