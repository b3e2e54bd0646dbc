package gvj.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IdMapTest {
    private final IdMap map = new IdMap(new long[] {0, 1000, 1, 1, 100_000, 65_535, 0xffff_fff0L, 7, 15});

    @Test
    void hasWhatIsMapped() {
        assertThat(map.has(0)).isTrue();
        assertThat(map.has(65_535)).isTrue();
        assertThat(map.has(65_536)).isFalse();
        assertThat(map.has(0xffff_ffef)).isFalse();
        assertThat(map.has(0xffff_fff0)).isTrue();
        assertThat(map.has(-2)).isTrue();
        assertThat(map.has(-1)).isFalse();
        assertThat(map.hasOrKeeps(-1)).isTrue();
    }

    @Test
    void allButOneAreThereWithoutMappings() {
        assertThat(IdMap.ALL.has(0)).isTrue();
        assertThat(IdMap.ALL.has(-2)).isTrue();
        assertThat(IdMap.ALL.has(-1)).isFalse();
        assertThat(IdMap.ALL.lines()).isEqualTo("         0          0 4294967295\n");
    }

    @Test
    void linesAreThoseOfProc() {
        assertThat(map.lines()).isEqualTo("""
                         0       1000          1
                         1     100000      65535
                4294967280          7         15
                """);
    }
}
