package gvj.runtime;

import gvj.boot.BootException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON value that knows where it stands, so that every complaint names its path ({@code process.args[0]}). Accessors
 * throw {@link BootException} for a value of another kind; a missing member is a value that answers defaults.
 *
 * <p>Values are {@link Map}, {@link List}, {@link String}, {@link JsonNumber}, {@link Boolean}, or null for JSON's null
 * and for what is missing. Strings are decoded to chars, and {@link #bytes} gives them back one char per UTF-8 byte.
 */
public final class Json {
    /** What this is a part of: a document's name for the outermost value, else a value. */
    private final Object parent;

    /** The member's name or the element's place in {@link #parent}. */
    private final String name;

    private final int index;
    private final Object value;

    private Json(Object parent, String name, int index, Object value) {
        this.parent = parent;
        this.name = name;
        this.index = index;
        this.value = value;
    }

    /** Parses UTF-8 text; {@code document} is its name in messages. */
    public static Json parse(String document, byte[] utf8) throws BootException {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new BootException(document + ": it is not UTF-8 text");
        }
        return new Json(document, "", 0, new JsonParser(document, text).parse());
    }

    /** A document that is not there. */
    static Json missing(String document) {
        return new Json(document, "", 0, null);
    }

    /** Whether there is a value other than null. */
    public boolean present() {
        return value != null;
    }

    /** A member of this object; a missing value if this is missing or has no such member. */
    public Json get(String member) throws BootException {
        return new Json(this, member, 0, value == null ? null : map().get(member));
    }

    /** The names of this object's members, as chars; none if it is missing. */
    public List<String> names() throws BootException {
        List<String> names = new ArrayList<>();
        if (value != null) {
            for (Object key : map().keySet()) {
                names.add((String) key);
            }
        }
        return names;
    }

    /** This object as {@link JsonWriter} takes it, in the document's order; empty if it is missing. */
    public Map<String, Object> members() throws BootException {
        Map<String, Object> members = new LinkedHashMap<>();
        if (value != null) {
            for (Map.Entry<?, ?> member : map().entrySet()) {
                members.put((String) member.getKey(), member.getValue());
            }
        }
        return members;
    }

    /** The elements of this array; none if it is missing. */
    public List<Json> elements() throws BootException {
        List<Json> result = new ArrayList<>();
        if (value == null) {
            return result;
        }
        if (!(value instanceof List<?> list)) {
            throw wrong("must be an array");
        }
        for (Object element : list) {
            result.add(new Json(this, null, result.size(), element));
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
        return toBytes(string);
    }

    /** This string as it is; {@code otherwise} if it is missing. */
    public String chars(String otherwise) throws BootException {
        if (value != null && !(value instanceof String)) {
            throw wrong("must be a string");
        }
        return value == null ? otherwise : (String) value;
    }

    /** The value itself, for {@link JsonWriter}. */
    Object value() {
        return value;
    }

    /** One char per byte of the UTF-8 form of {@code chars}. */
    static String toBytes(String chars) {
        return new String(chars.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
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

    public boolean bool() throws BootException {
        if (value == null) {
            return false;
        }
        if (!(value instanceof Boolean flag)) {
            throw wrong("must be true or false");
        }
        return flag;
    }

    /** This whole number between {@code min} and {@code max}; {@code otherwise} if it is missing. */
    public long integer(long otherwise, long min, long max) throws BootException {
        if (value == null) {
            return otherwise;
        }
        if (!(value instanceof JsonNumber number)
                || !number.isLong()
                || number.asLong() < min
                || number.asLong() > max) {
            throw wrong("must be a whole number from " + min + " to " + max);
        }
        return number.asLong();
    }

    /** This whole number of 64 bits without a sign; {@code otherwise} if it is missing. */
    public long unsigned(long otherwise) throws BootException {
        if (value == null) {
            return otherwise;
        }
        if (!(value instanceof JsonNumber number) || !number.isUnsigned()) {
            throw wrong("must be a whole number from 0 to 18446744073709551615");
        }
        return number.asLong();
    }

    /** A complaint about this value: the document, its path, the problem. */
    public BootException wrong(String problem) {
        String path = path();
        return new BootException(document() + ": " + (path.isEmpty() ? "the document" : path) + " " + problem);
    }

    /** Where this is, for instance {@code process.args[0]}; empty for the whole document. */
    public String path() {
        if (!(parent instanceof Json outer)) {
            return "";
        }
        String path = outer.path();
        if (name == null) {
            return path + "[" + index + "]";
        }
        return path.isEmpty() ? name : path + "." + name;
    }

    private String document() {
        Object at = parent;
        while (at instanceof Json outer) {
            at = outer.parent;
        }
        return (String) at;
    }

    private Map<?, ?> map() throws BootException {
        if (!(value instanceof LinkedHashMap<?, ?> map)) {
            throw wrong("must be an object");
        }
        return map;
    }
}
