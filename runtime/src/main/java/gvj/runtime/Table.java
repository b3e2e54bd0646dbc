package gvj.runtime;

import java.util.ArrayList;
import java.util.List;

/** Text in columns, as wide as what is in them. */
final class Table {
    private static final int GAP = 2;

    private final List<String[]> rows = new ArrayList<>();

    Table(String... heads) {
        rows.add(heads);
    }

    /** One more line; cells beyond the heads are left out. */
    void row(String... cells) {
        rows.add(cells);
    }

    @Override
    public String toString() {
        int columns = rows.get(0).length;
        int[] widths = new int[columns];
        for (String[] row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            for (int i = 0; i < columns - 1; i++) {
                text.append(row[i]).append(" ".repeat(widths[i] - row[i].length() + GAP));
            }
            text.append(row[columns - 1]).append('\n');
        }
        return text.toString();
    }
}
