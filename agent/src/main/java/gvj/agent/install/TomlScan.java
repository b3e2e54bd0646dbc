package gvj.agent.install;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the tables and keys of a TOML document stand. Values are skipped, not read, except the text of those of one line:
 * enough to see what a document defines before a table is added to it, and to leave everything else as it is.
 */
final class TomlScan {
    /** A table's header: {@code [a."b.c"]} has the path a, b.c. */
    record Table(List<String> path, boolean array) {}

    /** A key of a table; the path begins with the table's. */
    record Key(List<String> path, String value) {}

    final List<Table> tables = new ArrayList<>();
    final List<Key> keys = new ArrayList<>();

    private final String text;
    private int at;
    private int line = 1;
    private List<String> table = List.of();

    private TomlScan(String text) {
        this.text = text;
    }

    /** Scans {@code text}; complains of what is not TOML. */
    static TomlScan of(String text) throws InstallException {
        TomlScan scan = new TomlScan(text);
        scan.document();
        return scan;
    }

    /** The text of the value of {@code path}; null if there is none. */
    String value(String... path) {
        for (Key key : keys) {
            if (key.path.equals(List.of(path))) {
                return key.value;
            }
        }
        return null;
    }

    private void document() throws InstallException {
        while (true) {
            blanksAndLines();
            if (at >= text.length()) {
                return;
            }
            if (peek() == '[') {
                header();
            } else {
                keyValue();
            }
            blanks();
            if (peek() == '#') {
                comment();
            }
            if (at < text.length() && peek() != '\n' && peek() != '\r') {
                throw wrong("text after a value");
            }
        }
    }

    private void header() throws InstallException {
        at++;
        boolean array = peek() == '[';
        if (array) {
            at++;
        }
        table = path();
        expect(']');
        if (array) {
            expect(']');
        }
        tables.add(new Table(table, array));
    }

    private void keyValue() throws InstallException {
        List<String> path = new ArrayList<>(table);
        path.addAll(path());
        expect('=');
        blanks();
        int start = at;
        value();
        keys.add(new Key(List.copyOf(path), text.substring(start, at).strip()));
    }

    private List<String> path() throws InstallException {
        List<String> path = new ArrayList<>();
        do {
            blanks();
            path.add(name());
            blanks();
        } while (skip('.'));
        return List.copyOf(path);
    }

    private String name() throws InstallException {
        int c = peek();
        if (c == '"' || c == '\'') {
            int start = at + 1;
            string();
            return text.substring(start, at - 1);
        }
        int start = at;
        while (isBare(peek())) {
            at++;
        }
        if (at == start) {
            throw wrong("a name was expected");
        }
        return text.substring(start, at);
    }

    private static boolean isBare(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-';
    }

    private void value() throws InstallException {
        switch (peek()) {
            case '"', '\'' -> string();
            case '[' -> bracketed('[', ']');
            case '{' -> bracketed('{', '}');
            default -> word();
        }
    }

    private void word() throws InstallException {
        int start = at;
        while (at < text.length() && "\n\r#,]}".indexOf(peek()) < 0) {
            at++;
        }
        if (text.substring(start, at).isBlank()) {
            throw wrong("a value was expected");
        }
    }

    /** An array or an inline table with all that is in it: only brackets, strings and comments matter. */
    private void bracketed(char open, char close) throws InstallException {
        int depth = 0;
        do {
            int c = peek();
            if (c < 0) {
                throw wrong("the document ends inside of " + open + " " + close);
            } else if (c == '"' || c == '\'') {
                string();
                continue;
            } else if (c == '#') {
                comment();
                continue;
            } else if (c == open) {
                depth++;
            } else if (c == close) {
                depth--;
            } else if (c == '\n') {
                line++;
            }
            at++;
        } while (depth > 0);
    }

    private void string() throws InstallException {
        char quote = text.charAt(at);
        String three = String.valueOf(quote).repeat(3);
        boolean many = text.startsWith(three, at);
        at += many ? 3 : 1;
        while (true) {
            int c = peek();
            if (c < 0 || c == '\n' && !many) {
                throw wrong("a string does not end");
            }
            if (many ? text.startsWith(three, at) : c == quote) {
                at += many ? 3 : 1;
                while (many && peek() == quote) {
                    at++; // up to two more belong to the string
                }
                return;
            }
            if (c == '\n') {
                line++;
            }
            at += c == '\\' && quote == '"' ? 2 : 1;
        }
    }

    private void comment() {
        while (at < text.length() && peek() != '\n') {
            at++;
        }
    }

    private void blanks() {
        while (peek() == ' ' || peek() == '\t') {
            at++;
        }
    }

    private void blanksAndLines() {
        while (true) {
            switch (peek()) {
                case ' ', '\t', '\r' -> at++;
                case '\n' -> {
                    at++;
                    line++;
                }
                case '#' -> comment();
                default -> {
                    return;
                }
            }
        }
    }

    private boolean skip(char c) {
        if (peek() != c) {
            return false;
        }
        at++;
        return true;
    }

    private void expect(char c) throws InstallException {
        blanks();
        if (!skip(c)) {
            throw wrong("'" + c + "' was expected");
        }
    }

    private int peek() {
        return at < text.length() ? text.charAt(at) : -1;
    }

    private InstallException wrong(String problem) {
        return new InstallException("line " + line + ": " + problem);
    }
}
