package gvj.runtime;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code gvj list}. */
final class ListCommand {
    private ListCommand() {}

    static String print(Path root, Options options) throws ToolException {
        List<Container> containers = Container.all(root);
        if (options.has("--quiet")) {
            StringBuilder ids = new StringBuilder();
            for (Container container : containers) {
                ids.append(container.id()).append('\n');
            }
            return ids.toString();
        }
        return options.value("--format", "table").equals("json") ? json(containers) : table(containers);
    }

    /** As runc's; where there are pods, whose sandbox each container is in stands at the end. */
    private static String table(List<Container> containers) throws ToolException {
        List<String> heads = new ArrayList<>(List.of("ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"));
        boolean pods = false;
        for (Container container : containers) {
            pods |= !container.sandbox().isEmpty();
        }
        if (pods) {
            heads.add("SANDBOX");
        }
        Table table = new Table(heads.toArray(String[]::new));
        for (Container container : containers) {
            String status = container.status();
            table.row(
                    container.id(),
                    Integer.toString(status.equals("stopped") ? 0 : container.pid()),
                    status,
                    container.text("bundle"),
                    container.text("created"),
                    container.owner(),
                    container.sandbox());
        }
        return table.toString();
    }

    private static String json(List<Container> containers) throws ToolException {
        List<Object> all = new ArrayList<>();
        for (Container container : containers) {
            String status = container.status();
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("ociVersion", FeaturesCommand.OCI_VERSION);
            one.put("id", container.id());
            one.put("pid", status.equals("stopped") ? 0 : container.pid());
            one.put("status", status);
            one.put("bundle", container.text("bundle"));
            one.put("rootfs", container.text("rootfs"));
            one.put("created", container.text("created"));
            if (!container.sandbox().isEmpty()) {
                one.put("sandbox", container.sandbox());
            }
            Json annotations = container.member("annotations");
            if (annotations.present()) {
                one.put("annotations", annotations.value());
            }
            one.put("owner", container.owner());
            all.add(one);
        }
        return JsonWriter.compact(all) + "\n";
    }
}
