package gvj.boot;

/**
 * A device special file or FIFO that is there from the start. One that nothing in the sandbox stands behind is left out.
 *
 * @param path absolute path inside the sandbox
 * @param mode type and permissions, as st_mode has them
 */
public record DeviceSpec(String path, int mode, int major, int minor, int uid, int gid) {}
