package gvj.runtime;

import gvj.syscalls.Syscall;
import gvj.syscalls.SyscallTable;
import java.util.Locale;

/** {@code gvj syscalls}: the table as text, Markdown or JSON. */
final class SyscallList {
    private SyscallList() {}

    static String print(SyscallTable table, Options options) throws UsageException {
        String format = options.value("--format", "text");
        return switch (format) {
            case "text" -> text(table);
            case "markdown" -> markdown(table);
            case "json" -> json(table);
            default -> throw options.wrong("--format", "\"" + format + "\" is none of text, markdown, json");
        };
    }

    private static String support(Syscall row) {
        return row.support().name().toLowerCase(Locale.ROOT);
    }

    private static String text(SyscallTable table) {
        StringBuilder text = new StringBuilder();
        line(text, "NR", "NAME", "SUPPORT", "ORIGIN", "NOTE");
        for (Syscall row : table.rows()) {
            line(text, Integer.toString(row.number()), row.name(), support(row), row.origin(), row.note());
        }
        return text.toString();
    }

    private static void line(
            StringBuilder text, String number, String name, String support, String origin, String note) {
        int start = text.length();
        text.append(" ".repeat(Math.max(0, 4 - number.length()))).append(number).append("  ");
        pad(text.append(name), start + 32);
        pad(text.append(support), start + 41);
        pad(text.append(origin), start + 50);
        text.append(note);
        text.setLength(text.toString().stripTrailing().length());
        text.append('\n');
    }

    private static void pad(StringBuilder text, int length) {
        do {
            text.append(' ');
        } while (text.length() < length);
    }

    private static String markdown(SyscallTable table) {
        StringBuilder text = new StringBuilder("| # | name | support | origin | note |\n|--:|---|---|---|---|\n");
        for (Syscall row : table.rows()) {
            text.append("| ")
                    .append(row.number())
                    .append(" | `")
                    .append(row.name())
                    .append("` | ");
            text.append(support(row)).append(" | ").append(row.origin()).append(" | ");
            text.append(row.note().replace("|", "\\|")).append(" |\n");
        }
        return text.toString();
    }

    private static String json(SyscallTable table) {
        StringBuilder text = new StringBuilder("[\n");
        for (Syscall row : table.rows()) {
            text.append(text.length() > 2 ? ",\n" : "")
                    .append("  {\"number\": ")
                    .append(row.number());
            member(text, "name", row.name());
            member(text, "support", support(row));
            member(text, "origin", row.origin());
            member(text, "note", row.note());
            text.append('}');
        }
        return text.append("\n]\n").toString();
    }

    private static void member(StringBuilder text, String name, String value) {
        text.append(", \"").append(name).append("\": \"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ') {
                text.append(' ');
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }
}
