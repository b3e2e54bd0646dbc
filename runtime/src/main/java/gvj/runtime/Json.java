package gvj.runtime;

import gvj.boot.BootException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON value that knows where it stands, so that every complaint names its path ({@code process.args[0]}). Accessors
 * throw {@link BootException} for a value of another kind; a missing member is a value that answers defaults.
 *
 * <p>Values are {@link Map}, {@link List}, {@link String}, {@link Double}, {@link Boolean}, or null for JSON's null and
 * for what is missing. Strings are decoded to chars, and {@link #bytes} gives them back one char per UTF-8 byte.
 */
final class Json {
    private final String document;
    private final String path;
    private final Object value;

    private Json(String document, String path, Object value) {
        this.document = document;
        this.path = path;
        this.value = value;
    }

    /** Parses UTF-8 text; {@code document} is its name in messages. */
    static Json parse(String document, byte[] utf8) throws BootException {
        return new Json(document, "", new JsonParser(document, new String(utf8, StandardCharsets.UTF_8)).parse());
    }

    /** Whether there is a value other than null. */
    boolean present() {
        return value != null;
    }

    /** A member of this object; a missing value if this is missing or has no such member. */
    Json get(String name) throws BootException {
        Object member = value == null ? null : map().get(name);
        return new Json(document, path.isEmpty() ? name : path + "." + name, member);
    }

    /** The elements of this array; none if it is missing. */
    List<Json> elements() throws BootException {
        List<Json> result = new ArrayList<>();
        if (value == null) {
            return result;
        }
        if (!(value instanceof List<?> list)) {
            throw wrong("must be an array");
        }
        for (Object element : list) {
            result.add(new Json(document, path + "[" + result.size() + "]", element));
        }
        return result;
    }

    /** This string, one char per byte of its UTF-8 form; {@code otherwise} if it is missing. */
    String bytes(String otherwise) throws BootException {
        if (value == null) {
            return otherwise;
        }
        if (!(value instanceof String string)) {
            throw wrong("must be a string");
        }
        if (string.indexOf('\0') >= 0) {
            throw wrong("must not contain a NUL character");
        }
        return new String(string.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /** This string, which must be there and not empty. */
    String required() throws BootException {
        String text = bytes("");
        if (text.isEmpty()) {
            throw wrong("is missing or empty");
        }
        return text;
    }

    /** The strings of this array. */
    List<String> strings() throws BootException {
        List<String> result = new ArrayList<>();
        for (Json element : elements()) {
            if (!(element.value instanceof String)) {
                throw element.wrong("must be a string");
            }
            result.add(element.bytes(""));
        }
        return result;
    }

    boolean bool() throws BootException {
        if (value == null) {
            return false;
        }
        if (!(value instanceof Boolean flag)) {
            throw wrong("must be true or false");
        }
        return flag;
    }

    /** This whole number between {@code min} and {@code max}; {@code otherwise} if it is missing. */
    long integer(long otherwise, long min, long max) throws BootException {
        if (value == null) {
            return otherwise;
        }
        if (!(value instanceof Double number) || number != Math.rint(number) || number < min || number > max) {
            throw wrong("must be a whole number from " + min + " to " + max);
        }
        return number.longValue();
    }

    /** A complaint about this value. */
    BootException wrong(String problem) {
        return new BootException(document + ": " + (path.isEmpty() ? "the document" : path) + " " + problem);
    }

    private Map<?, ?> map() throws BootException {
        if (!(value instanceof LinkedHashMap<?, ?> map)) {
            throw wrong("must be an object");
        }
        return map;
    }
}
