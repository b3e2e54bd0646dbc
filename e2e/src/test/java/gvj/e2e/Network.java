package gvj.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.oci.Work;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A network namespace for a daemon under test, with a pair of virtual interfaces that joins it with the machine: what
 * listens there is reached at {@link #ADDRESS}. One is up at a time.
 */
public final class Network {
    /** The pair's own network of four addresses: others on this machine may run tests at the same time. */
    private static final int PAIR = (int) (ProcessHandle.current().pid() % 16_000);

    private static final String PREFIX = "169.254." + (1 + PAIR / 64) + ".";
    /** The machine, as containers see it. */
    public static final String OUTSIDE = PREFIX + (PAIR % 64 * 4 + 1);
    /** Where a daemon in the namespace, and ports that it publishes, are found. */
    public static final String ADDRESS = PREFIX + (PAIR % 64 * 4 + 2);
    /** The namespace's name, and that of the daemons' cgroup. */
    public static final String NAME = NothingLeft.MARK + "d";

    private static final String INTERFACE = "g" + ProcessHandle.current().pid();

    private Network() {}

    /** Makes the namespace. */
    public static void up() {
        ip("netns", "add", NAME);
        ip("-n", NAME, "link", "set", "lo", "up");
        ip("link", "add", INTERFACE, "type", "veth", "peer", "name", "out0", "netns", NAME);
        ip("addr", "add", OUTSIDE + "/30", "dev", INTERFACE);
        ip("link", "set", INTERFACE, "up");
        ip("-n", NAME, "addr", "add", ADDRESS + "/30", "dev", "out0");
        ip("-n", NAME, "link", "set", "out0", "up");
        ip("-n", NAME, "route", "add", "default", "via", OUTSIDE);
    }

    /** Removes it, and the pair of interfaces, which would stay a moment longer. */
    public static void down() {
        ip("link", "del", INTERFACE);
        ip("netns", "del", NAME);
    }

    /** A command in the namespace, as it is started with pipes. */
    public static List<String> inside(String... words) {
        List<String> command = new ArrayList<>(List.of("nsenter", "--net=/run/netns/" + NAME));
        command.addAll(List.of(words));
        return command;
    }

    private static void ip(String... words) {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(words));
        Result result = Run.command(command.toArray(String[]::new)).run();
        assertThat(result.status())
                .as(String.join(" ", command) + ": " + result.err())
                .isZero();
    }

    /** Removes the parent of the containers' cgroups, {@code /NAME}, everywhere; fails if one of them is left. */
    public static void removeGroups() {
        try (Stream<Path> hierarchies = Files.list(Path.of("/sys/fs/cgroup"))) {
            for (Path hierarchy : hierarchies.toList()) {
                remove(hierarchy.resolve(NAME));
            }
            remove(Path.of("/sys/fs/cgroup", NAME));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void remove(Path group) {
        // what was killed may be there for a moment, and the group is busy until it is not
        Work.until(group + " is empty", () -> {
            try {
                Files.deleteIfExists(group);
                return true;
            } catch (IOException e) {
                return false;
            }
        });
    }
}
