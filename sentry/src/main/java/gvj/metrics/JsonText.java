package gvj.metrics;

/** Writes JSON: objects and arrays in the order in which they are built. Strings have one char per byte of UTF-8. */
public final class JsonText {
    private final StringBuilder text = new StringBuilder();
    private boolean first = true;

    public JsonText begin(char bracket) {
        separate();
        text.append(bracket);
        first = true;
        return this;
    }

    public JsonText end(char bracket) {
        text.append(bracket);
        first = false;
        return this;
    }

    /** A member's name; its value follows. */
    public JsonText name(String name) {
        quote(name);
        text.append(':');
        first = true;
        return this;
    }

    public JsonText put(String name, long value) {
        return name(name).value(value);
    }

    public JsonText put(String name, String value) {
        return name(name).value(value);
    }

    public JsonText value(long value) {
        separate();
        text.append(value);
        return this;
    }

    public JsonText value(String value) {
        quote(value);
        return this;
    }

    private void separate() {
        if (!first) {
            text.append(',');
        }
        first = false;
    }

    private void quote(String value) {
        separate();
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ' || c == 0x7f) {
                text.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
