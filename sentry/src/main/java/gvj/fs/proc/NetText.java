package gvj.fs.proc;

import gvj.kernel.Task;
import gvj.net.netdev.Link;
import gvj.net.netdev.Network;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How the files of /proc/net write numbers, addresses and names. */
final class NetText {
    private static final String DIGITS = "0123456789abcdef";

    private NetText() {}

    /** The network that {@code task} is in. */
    static Network network(Task task) {
        return Network.of(task.namespaces().net());
    }

    /** Interfaces' names by number. */
    static Map<Integer, String> names(List<Link> links) {
        Map<Integer, String> names = new HashMap<>();
        for (Link link : links) {
            names.put(link.index, link.name);
        }
        return names;
    }

    /** Bytes in hexadecimal, {@code separator} between two. */
    static String hex(byte[] bytes, String separator) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < bytes.length; i++) {
            text.append(i == 0 ? "" : separator)
                    .append(DIGITS.charAt(bytes[i] >> 4 & 15))
                    .append(DIGITS.charAt(bytes[i] & 15));
        }
        return text.toString();
    }

    /** An IPv4 address as people write it. */
    static String dotted(byte[] ip) {
        return (ip[0] & 0xff) + "." + (ip[1] & 0xff) + "." + (ip[2] & 0xff) + "." + (ip[3] & 0xff);
    }

    /** {@code %0<digits>X}. */
    static String upper(long value, int digits) {
        StringBuilder text = new StringBuilder();
        for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
            text.append(Character.toUpperCase(DIGITS.charAt((int) (value >> shift & 15))));
        }
        return text.toString();
    }

    /** {@code %0<digits>x}. */
    static String lower(long value, int digits) {
        StringBuilder text = new StringBuilder();
        for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
            text.append(DIGITS.charAt((int) (value >> shift & 15)));
        }
        return text.toString();
    }

    /** An address as numbers of the host's byte order, as Linux prints those of the network's. */
    static String words(byte[] ip) {
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < ip.length; at += 4) {
            long word = ip[at] & 0xffL
                    | (ip[at + 1] & 0xffL) << 8
                    | (ip[at + 2] & 0xffL) << 16
                    | (ip[at + 3] & 0xffL) << 24;
            text.append(upper(word, 8));
        }
        return text.toString();
    }

    /** {@code %<width>s}. */
    static String right(Object value, int width) {
        String text = String.valueOf(value);
        return text.length() >= width ? text : " ".repeat(width - text.length()) + text;
    }

    /** {@code %-<width>s}. */
    static String left(Object value, int width) {
        String text = String.valueOf(value);
        return text.length() >= width ? text : text + " ".repeat(width - text.length());
    }
}
