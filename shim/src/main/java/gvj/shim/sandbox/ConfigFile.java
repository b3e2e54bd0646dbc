package gvj.shim.sandbox;

import gvj.runtime.JsonWriter;
import gvj.shim.api.RpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/** The {@code config.json} of a bundle, when it is ours to write. */
final class ConfigFile {
    private ConfigFile() {}

    /** Where it is. */
    static Path of(String bundle) {
        return Path.of(bundle, "config.json");
    }

    /** Writes {@code config}, as {@link JsonWriter} takes it, where whoever reads the file finds all or nothing of it. */
    static void write(Path file, Map<String, Object> config) throws RpcException {
        Path fresh = file.resolveSibling("." + file.getFileName() + ".new");
        try {
            Files.writeString(fresh, JsonWriter.compact(config));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new RpcException(RpcException.Code.UNKNOWN, "cannot write " + file + ": " + e, e);
        }
    }
}
