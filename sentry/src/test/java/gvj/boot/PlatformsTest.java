package gvj.boot;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.mm.MemoryFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PlatformsTest {
    private final MemoryFile memory = new MemoryFile(1 << 30, 1024);

    private Platforms platforms() {
        return new Platforms(memory, -1, false, line -> {});
    }

    @AfterEach
    void nothingNamed() {
        System.clearProperty("gvj.platforms");
    }

    @Test
    void aProviderThatCannotBeMadeIsNamed() {
        System.setProperty("gvj.platforms", "java.lang.Object");
        assertThatThrownBy(() -> platforms().create("auto"))
                .isInstanceOf(BootException.class)
                .hasMessageContaining("java.lang.Object");
        System.setProperty("gvj.platforms", "no.such.Provider");
        assertThatThrownBy(() -> platforms().create("auto"))
                .isInstanceOf(BootException.class)
                .hasMessageContaining("no.such.Provider");
    }

    @Test
    void aPlatformThatIsNotThereIsSaid() {
        assertThatThrownBy(() -> platforms().create("none"))
                .isInstanceOf(BootException.class)
                .hasMessageContaining("--platform=none does not exist");
    }
}
