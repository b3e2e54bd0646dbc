package gvj.boot;

import gvj.abi.Errno;
import gvj.kernel.Kernel;
import gvj.kernel.PidNamespace;
import java.util.ArrayList;
import java.util.List;

/** Makes a further container as {@link Control#CREATE} asks for it, in a conversation with its monitor. */
final class Creation {
    private static final int STDIO = 3;

    private final Kernel kernel;
    private final Containers containers;
    private final ContainerMaker maker;
    private final ContainerParser parser;
    private final GoferTrees trees;

    Creation(Kernel kernel, Containers containers, ContainerMaker maker, ContainerParser parser, GoferTrees trees) {
        this.kernel = kernel;
        this.containers = containers;
        this.maker = maker;
        this.parser = parser;
        this.trees = trees;
    }

    /**
     * Makes the container that the monitor's last message describes.
     *
     * @throws BootException with a sentence for whoever wants the container
     */
    ContainerSession make(ControlSocket monitor) throws ControlException, BootException {
        boolean terminal = monitor.a() == 1;
        String[] words = monitor.text().split("\0", -1);
        List<Integer> descriptors = new ArrayList<>(monitor.takeDescriptors());
        try {
            if (words.length != 4 || !words[3].isEmpty() || words[1].isEmpty() || descriptors.size() < 1 + STDIO) {
                throw new ControlException(
                        Errno.EINVAL,
                        "create takes an id, a bundle, the id of another container or nothing, and descriptors");
            }
            byte[] config = Attached.readAll(descriptors.get(0));
            PidNamespace pids =
                    words[2].isEmpty() ? null : containers.get(words[2]).pids();
            containers.reserve(words[0]);
            try {
                return make(monitor, parse(words[0], words[1], config, terminal), pids, descriptors);
            } catch (ControlException | BootException | RuntimeException e) {
                containers.cancel(words[0]);
                throw e;
            }
        } finally {
            Attached.close(descriptors);
        }
    }

    private ContainerParser.Parsed parse(String id, String bundle, byte[] config, boolean terminal)
            throws BootException {
        long memory = kernel.memoryFile.limitPages() * gvj.mm.MemoryFile.PAGE;
        ContainerParser.Parsed parsed = parser.parse(id, bundle, config, terminal, memory);
        String uids = kernel.rootUserNamespace.uids().lines();
        String gids = kernel.rootUserNamespace.gids().lines();
        if (parsed.uids() != null && !parsed.uids().lines().equals(uids)
                || parsed.gids() != null && !parsed.gids().lines().equals(gids)) {
            throw new BootException("the container's id mappings are not those of its sandbox");
        }
        return parsed;
    }

    /** {@code descriptors} are config.json, which stays the caller's to close, and those of the first process. */
    private ContainerSession make(
            ControlSocket monitor, ContainerParser.Parsed parsed, PidNamespace pids, List<Integer> descriptors)
            throws ControlException, BootException {
        int base = bring(monitor, parsed.trees());
        int count = parsed.trees().size();
        List<Integer> hostFds = descriptors.subList(1, descriptors.size());
        try {
            Container container = maker.further(parsed.spec(), base, pids, hostFds);
            containers.add(container);
            return new ContainerSession(monitor, container);
        } finally {
            trees.detachUnused(base, count);
        }
    }

    /** Has the gofer serve {@code list}: the number of the first. */
    private static int bring(ControlSocket monitor, List<String> list) throws ControlException {
        StringBuilder text = new StringBuilder();
        for (String tree : list) {
            if (text.length() + tree.length() + 1 > Control.MAX - Control.HEADER) {
                monitor.send(Control.TREES, 0, 0, text.toString());
                text.setLength(0);
            }
            text.append(tree).append('\0');
        }
        monitor.send(Control.TREES, 0, 1, text.toString());
        if (!monitor.receive() || monitor.type() != Control.SERVED || monitor.a() < 0) {
            throw new ControlException(Errno.ECANCELED, "the container's monitor did not bring its trees");
        }
        return monitor.a();
    }
}
