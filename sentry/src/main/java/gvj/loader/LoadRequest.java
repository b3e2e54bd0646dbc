package gvj.loader;

import gvj.kernel.Credentials;
import gvj.vfs.FileDescription;
import java.util.List;

/**
 * What execve(2) asks for.
 *
 * @param file the program, opened for execution; the caller keeps its reference
 * @param path the path as given, for AT_EXECFN and scripts
 * @param args argv, one char per byte
 * @param env envp
 * @param creds who it will run as, for AT_UID and the rest
 * @param secure AT_SECURE: ids or capabilities change by the execution
 * @param stackLimit RLIMIT_STACK's soft value, -1 for none
 * @param randomize whether addresses are chosen at random: not under ADDR_NO_RANDOMIZE, personality(2)
 * @param vdso what every program gets mapped; null for nothing
 */
public record LoadRequest(
        FileDescription file,
        String path,
        List<String> args,
        List<String> env,
        Credentials creds,
        boolean secure,
        long stackLimit,
        boolean randomize,
        Vdso vdso) {

    /** The same with another program in front: what a script becomes. */
    LoadRequest withProgram(FileDescription newFile, List<String> newArgs) {
        return new LoadRequest(newFile, path, newArgs, env, creds, secure, stackLimit, randomize, vdso);
    }

    /** Opens interpreters by path for execution, as the caller of execve may; throws what execve answers. */
    @FunctionalInterface
    public interface Opener {
        /** A description with a reference that the loader drops. */
        FileDescription open(String path);
    }
}
