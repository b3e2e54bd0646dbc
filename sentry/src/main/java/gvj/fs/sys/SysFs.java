package gvj.fs.sys;

import gvj.fs.pseudo.PseudoDirectory;
import gvj.fs.pseudo.PseudoFile;
import gvj.fs.pseudo.PseudoFileSystem;
import gvj.fs.pseudo.PseudoSymlink;
import gvj.kernel.NetNamespace;

/** The tree of /sys. It tells of as many processors as the sandbox may use and of one memory node. */
public final class SysFs extends PseudoFileSystem {
    private final int cpus;

    /** A tree for {@code cpus} processors, numbered from 0, and the interfaces of a network namespace. */
    public SysFs(int cpus, NetNamespace namespace) {
        super("sysfs", 0x62656572L);
        this.cpus = cpus;
        PseudoDirectory root = new PseudoDirectory(this, 0555);
        setRoot(root);
        for (String name : new String[] {"block", "bus", "class", "dev", "firmware", "module", "power"}) {
            root.directory(name);
        }
        root.directory("class").add("net", new NetClass(this, namespace, false));
        root.directory("dev").directory("block");
        root.directory("dev").directory("char");
        root.directory("fs").directory("cgroup");
        root.directory("devices").directory("virtual").add("net", new NetClass(this, namespace, true));
        kernel(root.directory("kernel"));
        PseudoDirectory system = root.directory("devices").directory("system");
        processors(system.directory("cpu"));
        node(system.directory("node"));
    }

    private void kernel(PseudoDirectory kernel) {
        PseudoDirectory hugePages = kernel.directory("mm").directory("transparent_hugepage");
        text(hugePages, "enabled", "always madvise [never]\n");
        text(hugePages, "defrag", "always defer defer+madvise madvise [never]\n");
        text(hugePages, "hpage_pmd_size", "2097152\n");
        text(hugePages, "shmem_enabled", "always within_size advise [never] deny force\n");
        kernel.directory("mm").directory("hugepages");
        kernel.directory("debug");
        kernel.directory("security");
    }

    private void processors(PseudoDirectory directory) {
        String all = cpus == 1 ? "0\n" : "0-" + (cpus - 1) + "\n";
        text(directory, "online", all);
        text(directory, "possible", all);
        text(directory, "present", all);
        text(directory, "offline", "\n");
        text(directory, "isolated", "\n");
        text(directory, "kernel_max", "8191\n");
        for (int cpu = 0; cpu < cpus; cpu++) {
            PseudoDirectory one = directory.directory("cpu" + cpu);
            topology(one.directory("topology"), cpu, all);
            one.add("node0", new PseudoSymlink(this, "../../node/node0"));
            if (cpu > 0) {
                text(one, "online", "1\n");
            }
        }
    }

    private void topology(PseudoDirectory topology, int cpu, String all) {
        String mask = mask(cpu, cpu + 1);
        text(topology, "core_id", cpu + "\n");
        text(topology, "physical_package_id", "0\n");
        text(topology, "die_id", "0\n");
        text(topology, "cluster_id", "0\n");
        text(topology, "thread_siblings", mask);
        text(topology, "thread_siblings_list", cpu + "\n");
        text(topology, "core_cpus", mask);
        text(topology, "core_cpus_list", cpu + "\n");
        text(topology, "core_siblings_list", all);
        text(topology, "package_cpus_list", all);
    }

    private void node(PseudoDirectory directory) {
        text(directory, "online", "0\n");
        text(directory, "possible", "0\n");
        text(directory, "has_cpu", "0\n");
        text(directory, "has_memory", "0\n");
        PseudoDirectory node = directory.directory("node0");
        text(node, "cpulist", cpus == 1 ? "0\n" : "0-" + (cpus - 1) + "\n");
        text(node, "cpumap", mask(0, cpus));
        text(node, "distance", "10\n");
        for (int cpu = 0; cpu < cpus; cpu++) {
            node.add("cpu" + cpu, new PseudoSymlink(this, "../../cpu/cpu" + cpu));
        }
    }

    /** A mask of CPUs as the kernel prints it: hexadecimal, a comma between groups of 32 bits, highest first. */
    private String mask(int first, int end) {
        StringBuilder text = new StringBuilder();
        for (int digit = (cpus + 3) / 4 - 1; digit >= 0; digit--) {
            int bits = 0;
            for (int cpu = Math.max(first, digit * 4); cpu < Math.min(end, digit * 4 + 4); cpu++) {
                bits |= 1 << cpu % 4;
            }
            text.append(Integer.toHexString(bits));
            if (digit > 0 && digit % 8 == 0) {
                text.append(',');
            }
        }
        return text.append('\n').toString();
    }

    private void text(PseudoDirectory directory, String name, String content) {
        directory.add(name, PseudoFile.fixed(this, content));
    }
}
