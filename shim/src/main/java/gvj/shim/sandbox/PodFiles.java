package gvj.shim.sandbox;

import gvj.host.HostMount;
import gvj.proto.cri.DNSConfig;
import gvj.proto.cri.PodSandboxConfig;
import gvj.shim.api.RpcException;
import gvj.shim.mount.RootFileSystem;
import gvj.shim.runtime.CStrings;
import gvj.shim.runtime.Descriptors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What all containers of a pod see of it: {@code /etc/hostname}, {@code hosts} and {@code resolv.conf}, and {@code /dev/shm}. They are in
 * the sandbox's bundle; a container gets those that its config.json has not from elsewhere, such as the kubelet.
 */
final class PodFiles {
    private static final String HOSTS = "/etc/hosts";
    private static final String RESOLVER = "/etc/resolv.conf";
    private static final String HOSTNAME = "/etc/hostname";
    private static final String SHM = "/dev/shm";
    /** Mounted there; the launcher's {@code delete} knows the name, too. */
    private static final String SHM_DIRECTORY = "shm";

    private static final String SHM_SIZE = "size=65536k,mode=1777";

    private final Path bundle;

    PodFiles(String bundle) {
        this.bundle = Path.of(bundle);
    }

    // ---- making ----

    /** Makes them, as containerd does for pods of its own. */
    void make(PodSandboxConfig pod) throws RpcException {
        try {
            Files.createDirectories(bundle.resolve("etc"));
            String name = pod.getHostname();
            Files.writeString(of(HOSTNAME), (name.isEmpty() ? hostname() : name) + "\n");
            copy(HOSTS);
            if (pod.getDnsConfig().equals(DNSConfig.getDefaultInstance())) {
                copy(RESOLVER);
            } else {
                Files.writeString(of(RESOLVER), resolver(pod.getDnsConfig()));
            }
            Files.createDirectories(bundle.resolve(SHM_DIRECTORY));
        } catch (IOException e) {
            throw new RpcException(RpcException.Code.UNKNOWN, "cannot make the files of a pod: " + e, e);
        }
        mountShm();
    }

    /** Takes away what is mounted; the files go with the bundle. */
    void unmount() {
        RootFileSystem.unmount(bundle.resolve(SHM_DIRECTORY).toString());
    }

    private Path of(String path) {
        return bundle.resolve(path.substring(1));
    }

    private static String hostname() throws IOException {
        return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    }

    private void copy(String path) throws IOException {
        Path original = Path.of(path);
        if (Files.exists(original)) {
            Files.write(of(path), Files.readAllBytes(original));
        } else {
            Files.writeString(of(path), "");
        }
    }

    private static String resolver(DNSConfig dns) {
        StringBuilder text = new StringBuilder();
        if (dns.getSearchesCount() > 0) {
            text.append("search ")
                    .append(String.join(" ", dns.getSearchesList()))
                    .append('\n');
        }
        for (String server : dns.getServersList()) {
            text.append("nameserver ").append(server).append('\n');
        }
        if (dns.getOptionsCount() > 0) {
            text.append("options ")
                    .append(String.join(" ", dns.getOptionsList()))
                    .append('\n');
        }
        return text.toString();
    }

    private void mountShm() throws RpcException {
        int flags = HostMount.MS_NOSUID | HostMount.MS_NODEV | HostMount.MS_NOEXEC;
        String target = bundle.resolve(SHM_DIRECTORY).toString();
        Descriptors.checked(
                HostMount.mount(
                        CStrings.of("shm"),
                        CStrings.of(target),
                        CStrings.of("tmpfs"),
                        flags,
                        CStrings.of(SHM_SIZE),
                        null),
                "cannot mount " + target);
    }

    // ---- for containers ----

    /** Adds to the config.json in {@code container}, a bundle, what it does not mount itself. */
    void addTo(String container) throws RpcException {
        Path file = ConfigFile.of(container);
        ContainerMounts mounts = ContainerMounts.read(file);
        for (String path : List.of(HOSTNAME, HOSTS, RESOLVER)) {
            mounts.addFile(path, of(path).toString());
        }
        mounts.addShm(SHM, bundle.resolve(SHM_DIRECTORY).toString());
        ConfigFile.write(file, mounts.config());
    }
}
