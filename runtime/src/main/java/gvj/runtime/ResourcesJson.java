package gvj.runtime;

import gvj.boot.BootException;
import gvj.boot.BootSpec;
import gvj.boot.LimitsParser;

/** What of {@code linux.resources} the Sentry shows and enforces inside. */
final class ResourcesJson implements LimitsParser {
    @Override
    public BootSpec.Limits parse(byte[] json, BootSpec.Limits current) throws BootException {
        Json resources = Json.parse("resources", json);
        long memory = resources.get("memory").get("limit").integer(0, -1, Long.MAX_VALUE);
        long pids = resources.get("pids").get("limit").integer(current.pids(), -1, Integer.MAX_VALUE);
        return new BootSpec.Limits(
                memory == 0 ? current.memory() : memory < 0 ? Long.MAX_VALUE : memory, current.cpus(), (int)
                        Math.max(pids, 0));
    }
}
