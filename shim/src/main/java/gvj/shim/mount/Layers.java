package gvj.shim.mount;

import java.util.ArrayList;
import java.util.List;

/**
 * Options of an overlay with so many lower layers that their absolute paths do not fit into mount(2)'s page: said
 * from the directory that all of them are in.
 */
record Layers(String directory, String data) {
    private static final String LOWER = "lowerdir=";

    /** Null if it has none, or they have nothing in common but the root. */
    static Layers of(String data) {
        List<String> others = new ArrayList<>();
        String[] lowers = {};
        for (String option : data.split(",")) {
            if (option.startsWith(LOWER)) {
                lowers = option.substring(LOWER.length()).split(":");
            } else {
                others.add(option);
            }
        }
        String directory = common(lowers);
        if (directory.isEmpty()) {
            return null;
        }
        StringBuilder shorter = new StringBuilder(LOWER);
        for (int i = 0; i < lowers.length; i++) {
            shorter.append(i == 0 ? "" : ":").append(lowers[i], directory.length() + 1, lowers[i].length());
        }
        for (String other : others) {
            shorter.append(',').append(other);
        }
        return new Layers(directory, shorter.toString());
    }

    /** The longest directory that all paths are below, without a slash at its end. */
    private static String common(String[] paths) {
        String common = paths.length == 0 ? "" : parent(paths[0]);
        for (String path : paths) {
            while (!common.isEmpty() && !path.startsWith(common + "/")) {
                common = parent(common);
            }
        }
        return common;
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }
}
