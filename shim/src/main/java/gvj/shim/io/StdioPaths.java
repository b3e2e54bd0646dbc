package gvj.shim.io;

/**
 * What containerd wants a process's streams to be: paths or URIs, empty for none.
 *
 * @param id the container's, or the process's that was started in it: loggers are told
 */
public record StdioPaths(String id, String namespace, boolean terminal, String stdin, String stdout, String stderr) {}
