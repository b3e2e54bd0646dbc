package gvj.runtime;

import gvj.boot.BootException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Recursive descent over RFC 8259, strict, with a limit on depth; of members with the same name the last one counts.
 * Complaints name the line.
 */
final class JsonParser {
    private static final int MAX_DEPTH = 200;
    private static final int MAX_NUMBER = 400;

    private final String document;
    private final String text;
    private int at;
    private int depth;

    JsonParser(String document, String text) {
        this.document = document;
        this.text = text;
    }

    Object parse() throws BootException {
        Object value = value();
        if (peek() != -1) {
            throw wrong("text after the end of the document");
        }
        return value;
    }

    private Object value() throws BootException {
        int c = peek();
        return switch (c) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> word("true", Boolean.TRUE);
            case 'f' -> word("false", Boolean.FALSE);
            case 'n' -> word("null", null);
            case -1 -> throw wrong("the document ends too early");
            default -> number();
        };
    }

    private Map<String, Object> object() throws BootException {
        Map<String, Object> map = new LinkedHashMap<>();
        open();
        if (peek() != '}') {
            do {
                if (peek() != '"') {
                    throw wrong("a member's name must be a string");
                }
                String name = string();
                expect(':');
                map.put(name, value());
            } while (more('}'));
        }
        close('}');
        return map;
    }

    private List<Object> array() throws BootException {
        List<Object> list = new ArrayList<>();
        open();
        if (peek() != ']') {
            do {
                list.add(value());
            } while (more(']'));
        }
        close(']');
        return list;
    }

    private void open() throws BootException {
        at++;
        if (++depth > MAX_DEPTH) {
            throw wrong("nested more than " + MAX_DEPTH + " deep");
        }
    }

    private void close(char end) throws BootException {
        expect(end);
        depth--;
    }

    private boolean more(char end) throws BootException {
        int c = peek();
        if (c == ',') {
            at++;
            return true;
        }
        if (c != end) {
            throw wrong("expected ',' or '" + end + "'");
        }
        return false;
    }

    private String string() throws BootException {
        StringBuilder result = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return result.toString();
            }
            if (c < ' ') {
                throw wrong("a control character inside a string");
            }
            result.append(c == '\\' ? escape() : c);
        }
        throw wrong("a string without an end");
    }

    /** At a backslash; leaves {@link #at} on the last character of the escape. */
    private char escape() throws BootException {
        char c = ++at < text.length() ? text.charAt(at) : ' ';
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw wrong("an unknown escape in a string");
        };
    }

    private char unicode() throws BootException {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            int digit = ++at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
            if (digit < 0) {
                throw wrong("\\u needs four hexadecimal digits");
            }
            code = code << 4 | digit;
        }
        return (char) code;
    }

    /** {@code -? (0 | [1-9] digits) (. digits)? ([eE] [+-]? digits)?} */
    private JsonNumber number() throws BootException {
        int from = at;
        skip('-');
        if (!skip('0')) {
            digits();
        }
        if (skip('.')) {
            digits();
        }
        if (skip('e') || skip('E')) {
            if (!skip('+')) {
                skip('-');
            }
            digits();
        }
        if (at - from > MAX_NUMBER) {
            throw wrong("a number of more than " + MAX_NUMBER + " characters");
        }
        return new JsonNumber(text.substring(from, at));
    }

    private boolean skip(char c) {
        boolean there = at < text.length() && text.charAt(at) == c;
        at += there ? 1 : 0;
        return there;
    }

    private void digits() throws BootException {
        int from = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == from) {
            throw wrong("expected a value");
        }
    }

    private Object word(String word, Object value) throws BootException {
        if (!text.startsWith(word, at)) {
            throw wrong("expected a value");
        }
        at += word.length();
        return value;
    }

    private void expect(char c) throws BootException {
        if (peek() != c) {
            throw wrong("expected '" + c + "'");
        }
        at++;
    }

    /** The next character that is no white space, or -1 at the end. */
    private int peek() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
                return c;
            }
            at++;
        }
        return -1;
    }

    private BootException wrong(String problem) {
        int line = 1;
        for (int i = 0; i < at && i < text.length(); i++) {
            line += text.charAt(i) == '\n' ? 1 : 0;
        }
        return new BootException(document + ": line " + line + ": " + problem);
    }
}
