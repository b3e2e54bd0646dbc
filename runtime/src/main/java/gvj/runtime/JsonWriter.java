package gvj.runtime;

import java.util.List;
import java.util.Map;

/**
 * Writes JSON: values are {@link Map} (in its order), {@link List}, {@link String}, {@link Number}, {@link Boolean},
 * {@link JsonNumber} and null, as {@link JsonParser} makes them.
 */
public final class JsonWriter {
    private final StringBuilder out = new StringBuilder();
    private final String indent;

    private JsonWriter(String indent) {
        this.indent = indent;
    }

    /** On one line, without a line's end. */
    public static String compact(Object value) {
        JsonWriter writer = new JsonWriter("");
        writer.value(value, 0);
        return writer.out.toString();
    }

    /** For people: a member on each line, {@code indent} for each level; without a line's end. */
    static String pretty(Object value, String indent) {
        JsonWriter writer = new JsonWriter(indent);
        writer.value(value, 0);
        return writer.out.toString();
    }

    private void value(Object value, int depth) {
        if (value instanceof Map<?, ?> map) {
            object(map, depth);
        } else if (value instanceof List<?> list) {
            array(list, depth);
        } else if (value instanceof String string) {
            string(string);
        } else if (value instanceof JsonNumber number) {
            out.append(number.text());
        } else {
            out.append(value);
        }
    }

    private void object(Map<?, ?> map, int depth) {
        boolean first = true;
        out.append('{');
        for (Map.Entry<?, ?> member : map.entrySet()) {
            out.append(first ? "" : ",");
            line(depth + 1);
            string((String) member.getKey());
            out.append(indent.isEmpty() ? ":" : ": ");
            value(member.getValue(), depth + 1);
            first = false;
        }
        if (!first) {
            line(depth);
        }
        out.append('}');
    }

    private void array(List<?> list, int depth) {
        boolean first = true;
        out.append('[');
        for (Object element : list) {
            out.append(first ? "" : ",");
            line(depth + 1);
            value(element, depth + 1);
            first = false;
        }
        if (!first) {
            line(depth);
        }
        out.append(']');
    }

    private void line(int depth) {
        if (!indent.isEmpty()) {
            out.append('\n').append(indent.repeat(depth));
        }
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c == '\n') {
                out.append("\\n");
            } else if (c == '\t') {
                out.append("\\t");
            } else if (c < ' ' || c >= 0x7f) {
                String digits = Integer.toHexString(c);
                out.append("\\u").append("0000".substring(digits.length())).append(digits);
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
