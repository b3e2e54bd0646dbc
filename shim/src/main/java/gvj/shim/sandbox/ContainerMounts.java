package gvj.shim.sandbox;

import gvj.boot.BootException;
import gvj.runtime.Json;
import gvj.shim.api.RpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The mounts of a container's config.json, to which those of its pod are added. */
final class ContainerMounts {
    private final Map<String, Object> config;
    private final List<Object> mounts;
    private final String access;

    private ContainerMounts(Map<String, Object> config, List<Object> mounts, boolean readOnly) {
        this.config = config;
        this.mounts = mounts;
        this.access = readOnly ? "ro" : "rw";
    }

    /** Of a config.json. */
    static ContainerMounts read(Path file) throws RpcException {
        try {
            Json config = Json.parse(file.toString(), Files.readAllBytes(file));
            List<Object> mounts = new ArrayList<>();
            for (Json mount : config.get("mounts").elements()) {
                mounts.add(mount.members());
            }
            return new ContainerMounts(
                    new LinkedHashMap<>(config.members()),
                    mounts,
                    config.get("root").get("readonly").bool());
        } catch (BootException e) {
            throw RpcException.invalidArgument(e.getMessage());
        } catch (IOException e) {
            throw new RpcException(RpcException.Code.UNKNOWN, "cannot read " + file + ": " + e, e);
        }
    }

    /** The document, with what was added. */
    Map<String, Object> config() {
        config.put("mounts", mounts);
        return config;
    }

    /** A file that may be written where the container's root may. */
    void addFile(String destination, String source) {
        if (find(destination) == null) {
            add(destination, source, List.of("rbind", "rprivate", access));
        }
    }

    /** A directory that is shared, instead of a file system of the container's own. */
    void addShm(String destination, String source) {
        Map<?, ?> own = find(destination);
        if (own != null && "tmpfs".equals(own.get("type"))) {
            mounts.remove(own);
        } else if (own != null) {
            return;
        }
        add(destination, source, List.of("rbind", "rprivate", "nosuid", "nodev", "noexec", "rw"));
    }

    private Map<?, ?> find(String destination) {
        for (Object mount : mounts) {
            Map<?, ?> members = (Map<?, ?>) mount;
            if (destination.equals(members.get("destination"))) {
                return members;
            }
        }
        return null;
    }

    private void add(String destination, String source, List<String> options) {
        Map<String, Object> mount = new LinkedHashMap<>();
        mount.put("destination", destination);
        mount.put("type", "bind");
        mount.put("source", source);
        mount.put("options", options);
        mounts.add(mount);
    }
}
