package gvj.trace;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the constants of {@link gvj.abi} are called. Names are read by reflection when tracing asks for them the first
 * time: a sandbox without tracing never does.
 */
final class FlagNames {
    private static final Map<String, FlagNames> SETS = new HashMap<>();

    private final List<String> names = new ArrayList<>();
    private final List<Long> values = new ArrayList<>();

    private FlagNames() {}

    /**
     * The constants of a class of gvj.abi whose names begin with a prefix, for instance {@code Fcntl.O_}; names that begin
     * with what stands behind a {@code -} are left out; several sets are joined with {@code +}.
     */
    static synchronized FlagNames of(String spec) {
        return SETS.computeIfAbsent(spec, FlagNames::load);
    }

    private static FlagNames load(String spec) {
        FlagNames set = new FlagNames();
        for (String part : spec.split("\\+")) {
            int dot = part.indexOf('.');
            set.addAll(
                    "gvj.abi." + part.substring(0, dot), part.substring(dot + 1).split("-"));
        }
        return set;
    }

    /** {@code prefixes} are the one wanted and then those left out. */
    private void addAll(String className, String[] prefixes) {
        try {
            for (Field field : Class.forName(className).getFields()) {
                if (Modifier.isStatic(field.getModifiers()) && wanted(field.getName(), prefixes)) {
                    Object value = field.get(null);
                    if (value instanceof Integer number) {
                        names.add(field.getName());
                        values.add(number.longValue() & 0xffffffffL);
                    } else if (value instanceof Long number) {
                        names.add(field.getName());
                        values.add(number);
                    }
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("no constants in " + className, e);
        }
    }

    private static boolean wanted(String name, String[] prefixes) {
        for (int i = 1; i < prefixes.length; i++) {
            if (name.startsWith(prefixes[i])) {
                return false;
            }
        }
        return name.startsWith(prefixes[0]);
    }

    /** The name of one value, or the number in hexadecimal. */
    String one(long value) {
        int at = values.indexOf(value & 0xffffffffL);
        return at >= 0 ? names.get(at) : number(value);
    }

    /** The names of the bits set, joined by {@code |}; {@code zero} for none. Names of several bits go first. */
    String bits(long value, String zero) {
        if (value == 0) {
            return zero;
        }
        StringBuilder text = new StringBuilder();
        long left = value;
        for (int size = 64; size > 0 && left != 0; size--) {
            for (int i = 0; i < names.size() && left != 0; i++) {
                long bit = values.get(i);
                if (Long.bitCount(bit) == size && (left & bit) == bit) {
                    append(text, names.get(i));
                    left &= ~bit;
                }
            }
        }
        if (left != 0) {
            append(text, number(left));
        }
        return text.toString();
    }

    private static void append(StringBuilder text, String name) {
        if (text.length() > 0) {
            text.append('|');
        }
        text.append(name);
    }

    private static String number(long value) {
        return "0x" + Long.toHexString(value);
    }
}
