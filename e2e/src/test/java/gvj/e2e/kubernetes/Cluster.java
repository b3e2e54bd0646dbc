package gvj.e2e.kubernetes;

import gvj.e2e.Image;
import gvj.e2e.Network;
import gvj.e2e.Result;
import gvj.e2e.Run;
import gvj.e2e.containerd.Containerd;
import gvj.e2e.containerd.Version;
import gvj.e2e.oci.Work;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * The Kubernetes of the tests: the one of {@code -Dgvj.kubeconfig}, or one of a single node that comes up on this machine with
 * containerd 1.7, in a directory, a cgroup, and network, mount and pid namespaces of its own ({@code e2e/node.py}).
 */
final class Cluster implements AutoCloseable {
    private static final String NODE_ADDRESS = "10.79.0.1";
    /** Of the service {@code kubernetes}: nothing here translates addresses, so the API server has it itself. */
    private static final String SERVICE_ADDRESS = "10.96.0.1";

    private static final String TOKEN = "token-of-the-tests";
    private static final Path DIRECTORY = Work.ROOT.resolve("kubernetes");
    private static final Path KUBELET = DIRECTORY.resolve("kubelet");

    private final Deque<Process> processes = new ArrayDeque<>();
    private Process node;
    private Containerd containerd;
    private KubernetesClient client;
    private Path kubeconfig = DIRECTORY.resolve("kubeconfig");

    /** Connects to one, or starts it. */
    Cluster() {
        String file = System.getProperty("gvj.kubeconfig");
        if (file != null) {
            Config config = Config.fromKubeconfig(new File(file));
            if (config.getNamespace() == null) {
                config.setNamespace("default");
            }
            kubeconfig = Path.of(file);
            client = client(config);
            return;
        }
        boolean started = false;
        try {
            start(Path.of(System.getProperty("gvj.kubernetes.programs")));
            started = true;
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + logs(), e);
        } finally {
            if (!started) {
                close();
            }
        }
    }

    KubernetesClient client() {
        return client;
    }

    /** How programs reach it. */
    Path kubeconfig() {
        return kubeconfig;
    }

    /** A kubectl that fits to it. */
    String kubectl() {
        String programs = System.getProperty("gvj.kubernetes.programs");
        return programs == null ? "kubectl" : programs + "/bin/kubectl";
    }

    /** The directory of the nodes' kubelet. */
    Path kubelet() {
        return containerd == null ? Path.of(System.getProperty("gvj.kubernetes.kubelet", "/var/lib/kubelet")) : KUBELET;
    }

    /** The containerd of the node; null where the cluster is not ours. */
    Containerd containerd() {
        return containerd;
    }

    private static KubernetesClient client(Config config) {
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private void start(Path programs) {
        Work.directory(DIRECTORY);
        groups();
        node = node();
        containerd = new Containerd(Version.V1_7, inNode());
        for (Path archive : List.of(Image.redis(), Image.nginx())) {
            Result result = containerd.ctr("image", "import", archive.toString());
            must(result, "import of " + archive);
        }
        bridge();
        settings();
        client = client(new ConfigBuilder(Config.empty())
                .withMasterUrl("https://" + Network.ADDRESS + "")
                .withTrustCerts(true)
                .withDisableHostnameVerification(true)
                .withOauthToken(TOKEN)
                .withNamespace("default")
                .build());
        controlPlane(programs);
        until(60, "pods have an account", this::withoutToken);
        launch(
                programs,
                "kubelet",
                "--config=" + DIRECTORY + "/kubelet.yaml",
                "--kubeconfig=" + kubeconfig,
                "--root-dir=" + KUBELET,
                "--seccomp-profile-root=" + KUBELET + "/seccomp",
                "--container-runtime=remote",
                "--container-runtime-endpoint=unix://" + containerd.socket(),
                "--hostname-override=node",
                "--node-ip=" + NODE_ADDRESS,
                "--cert-dir=" + DIRECTORY + "/kubelet-certificates");
        until(
                90,
                "the node is ready",
                () -> client.nodes().list().getItems().stream()
                        .flatMap(node -> node.getStatus().getConditions().stream())
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True")));
    }

    /** Pods get no token that they do not ask for: one volume less to wait for, most of all when they are deleted. */
    private boolean withoutToken() {
        ServiceAccount account = client.serviceAccounts().withName("default").get();
        if (account != null) {
            account.setAutomountServiceAccountToken(false);
            client.resource(account).update();
        }
        return account != null;
    }

    private void controlPlane(Path programs) {
        String peer = "http://127.0.0.1:2380";
        String store = "http://127.0.0.1:2379";
        launch(
                programs,
                "etcd",
                "--data-dir=" + DIRECTORY + "/etcd",
                "--unsafe-no-fsync",
                "--listen-client-urls=" + store,
                "--advertise-client-urls=" + store,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=default=" + peer);
        launch(
                programs,
                "kube-apiserver",
                "--etcd-servers=" + store,
                "--cert-dir=" + DIRECTORY + "/api",
                "--bind-address=0.0.0.0",
                "--secure-port=443",
                "--advertise-address=" + NODE_ADDRESS,
                "--service-cluster-ip-range=10.96.0.0/16",
                "--token-auth-file=" + DIRECTORY + "/tokens.csv",
                "--authorization-mode=RBAC",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-signing-key-file=" + DIRECTORY + "/sa.key",
                "--service-account-key-file=" + DIRECTORY + "/sa.key",
                "--allow-privileged=true",
                "--feature-gates=EphemeralContainers=true",
                "--kubelet-preferred-address-types=InternalIP");
        until(60, "the API server is ready", () -> client.raw("/readyz").equals("ok"));
        String account = "--kubeconfig=" + kubeconfig;
        launch(
                programs,
                "kube-controller-manager",
                account,
                "--service-account-private-key-file=" + DIRECTORY + "/sa.key",
                "--root-ca-file=" + DIRECTORY + "/api/apiserver.crt",
                "--leader-elect=false",
                "--bind-address=127.0.0.1",
                "--port=0",
                "--cert-dir=" + DIRECTORY + "/controller");
        launch(
                programs,
                "kube-scheduler",
                account,
                "--leader-elect=false",
                "--bind-address=127.0.0.1",
                "--port=0",
                "--cert-dir=" + DIRECTORY + "/scheduler");
    }

    private void launch(Path programs, String name, String... flags) {
        List<String> words = new ArrayList<>(inNode());
        words.add(programs.resolve("bin").resolve(name).toString());
        words.addAll(List.of(flags));
        try {
            processes.push(new ProcessBuilder(Network.inside(words.toArray(String[]::new)))
                    .directory(DIRECTORY.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(DIRECTORY.resolve(name + ".log").toFile())
                    .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts what keeps the node's namespaces. */
    private static Process node() {
        Process node = Run.command(
                        "unshare",
                        "--mount",
                        "--propagation=private",
                        "--pid",
                        "--fork",
                        "--kill-child",
                        "--mount-proc",
                        Run.ROOT.resolve("e2e/node.py").toString(),
                        Work.directory(DIRECTORY.resolve("log")).toString())
                .start();
        try {
            if (node.inputReader().readLine() == null) {
                throw new AssertionError("no namespaces for a node: "
                        + new String(node.getErrorStream().readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return node;
    }

    /** Begins a command of the node. */
    private List<String> inNode() {
        String namespaces = "/proc/" + node.pid() + "/ns/";
        return List.of("nsenter", "--mount=" + namespaces + "mnt", "--pid=" + namespaces + "pid_for_children");
    }

    /** The bridge of the pods, before CNI makes it: its address is the node's. */
    private static void bridge() {
        for (String words : new String[] {
            "link add pods type bridge",
            "addr add " + NODE_ADDRESS + "/24 dev pods",
            "addr add " + SERVICE_ADDRESS + "/32 dev lo",
            "link set pods up"
        }) {
            must(Run.command(("ip -n " + Network.NAME + " " + words).split(" ")).run(), words);
        }
    }

    private static void settings() {
        must(
                Run.command("openssl", "genrsa", "-out", DIRECTORY + "/sa.key", "2048")
                        .run(),
                "a key");
        Work.write(DIRECTORY.resolve("tokens.csv"), TOKEN + ",admin,1,system:masters\n");
        Work.write(DIRECTORY.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: "https://%s", insecure-skip-tls-verify: true}}]
                users: [{name: u, user: {token: %s}}]
                contexts: [{name: x, context: {cluster: c, user: u}}]
                current-context: x
                """.formatted(Network.ADDRESS, TOKEN));
        Work.write(DIRECTORY.resolve("kubelet.yaml"), """
                apiVersion: kubelet.config.k8s.io/v1beta1
                kind: KubeletConfiguration
                failSwapOn: false
                cgroupDriver: cgroupfs
                cgroupRoot: /%s
                featureGates: {EphemeralContainers: true, SizeMemoryBackedVolumes: true}
                nodeStatusUpdateFrequency: 1s
                kubeAPIQPS: 50
                kubeAPIBurst: 100
                eventRecordQPS: 50
                eventBurst: 100
                oomScoreAdj: 0
                resolvConf: /dev/null
                authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
                authorization: {mode: AlwaysAllow}
                healthzPort: 0
                readOnlyPort: 0
                syncFrequency: 2s
                configMapAndSecretChangeDetectionStrategy: Watch
                evictionHard: {"memory.available": "50Mi"}
                """.formatted(Network.NAME));
    }

    private String logs() {
        StringBuilder all = new StringBuilder();
        for (String name : new String[] {"etcd", "kube-apiserver", "kubelet"}) {
            List<String> lines =
                    Work.read(DIRECTORY.resolve(name + ".log")).lines().toList();
            all.append("\n-- ").append(name).append('\n');
            lines.subList(Math.max(0, lines.size() - 15), lines.size())
                    .forEach(line -> all.append(line).append('\n'));
        }
        return all.toString();
    }

    /** Ends what it has started. The kubelet goes first, then the pods that it would start again. */
    @Override
    public void close() {
        if (client != null) {
            client.close();
        }
        while (!processes.isEmpty()) {
            end(processes.pop());
        }
        if (containerd == null) {
            return;
        }
        containerd.removePods();
        removeGroups();
        containerd.close();
        end(node); // and with it the mounts of the pods' volumes
        Work.remove(DIRECTORY);
    }

    /** Ends a program, and what has entered the node's namespaces for it. */
    private static void end(Process process) {
        List<ProcessHandle> all = new ArrayList<>(process.children().toList());
        all.add(process.toHandle());
        all.forEach(ProcessHandle::destroy);
        for (ProcessHandle one : all) {
            try {
                one.onExit().get(10, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                one.destroyForcibly();
                one.onExit().join();
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** The cgroup of the node's pods, which the kubelet wants to be there. */
    private static void groups() {
        for (Path hierarchy : hierarchies()) {
            Work.directory(hierarchy.resolve(Network.NAME));
        }
    }

    private static void removeGroups() {
        for (Path hierarchy : hierarchies()) {
            Path group = hierarchy.resolve(Network.NAME);
            if (Files.notExists(group)) {
                continue;
            }
            try (Stream<Path> files = Files.walk(group)) {
                for (Path directory : files.filter(Files::isDirectory)
                        .sorted(Comparator.reverseOrder())
                        .filter(directory -> !directory.equals(group))
                        .toList()) {
                    Files.deleteIfExists(directory);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static List<Path> hierarchies() {
        Path root = Path.of("/sys/fs/cgroup");
        if (Files.exists(root.resolve("cgroup.controllers"))) {
            return List.of(root);
        }
        try (Stream<Path> all = Files.list(root)) {
            return all.filter(Files::isDirectory)
                    .filter(path -> !Files.isSymbolicLink(path))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void must(Result result, String what) {
        if (result.status() != 0) {
            throw new AssertionError(what + ": " + result.err());
        }
    }

    /** Waits for a condition; what it throws says that it does not hold yet. */
    static void until(int seconds, String what, Callable<Boolean> condition) {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        Exception last = null;
        while (System.nanoTime() < end) {
            try {
                if (condition.call()) {
                    return;
                }
                Thread.sleep(100);
            } catch (Exception e) {
                last = e;
            }
        }
        throw new AssertionError("not within " + seconds + " s: " + what, last);
    }
}
