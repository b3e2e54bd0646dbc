package gvj.shim;

import java.util.Arrays;
import java.util.List;

/**
 * What {@code containerd-shim-gvisor-java-v1 start} tells the JVM that it starts (launcher/src/main/c/shim_daemon.c), in this order.
 *
 * @param listen descriptor of the listening socket
 * @param socket its path
 * @param namespace containerd's
 * @param root of {@code gvj}'s state
 * @param gvj the program
 * @param eventsAddress path of containerd's ttrpc socket, or nothing
 * @param debug whether to log more
 * @param train whether this is the run that makes the AOT cache
 * @param flags for {@code gvj}
 */
record Arguments(
        int listen,
        String socket,
        String namespace,
        String root,
        String gvj,
        String eventsAddress,
        boolean debug,
        boolean train,
        List<String> flags) {
    private static final int FIXED = 7;

    static Arguments parse(String[] words) {
        return new Arguments(
                Integer.parseInt(words[0]),
                words[1],
                words[2],
                words[3],
                words[4],
                words[5],
                words[6].equals("debug"),
                words[6].equals("train"),
                List.copyOf(Arrays.asList(words).subList(FIXED, words.length)));
    }
}
