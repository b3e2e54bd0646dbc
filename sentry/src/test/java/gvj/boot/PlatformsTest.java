package gvj.boot;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.mm.MemoryFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PlatformsTest {
    private final MemoryFile memory = new MemoryFile(1 << 30, 1024);

    @AfterEach
    void nothingNamed() {
        System.clearProperty("gvj.platforms");
    }

    @Test
    void aProviderThatCannotBeMadeIsNamed() {
        System.setProperty("gvj.platforms", "java.lang.Object");
        assertThatThrownBy(() -> Platforms.create("auto", memory))
                .isInstanceOf(BootException.class)
                .hasMessageContaining("java.lang.Object");
        System.setProperty("gvj.platforms", "no.such.Provider");
        assertThatThrownBy(() -> Platforms.create("auto", memory))
                .isInstanceOf(BootException.class)
                .hasMessageContaining("no.such.Provider");
    }

    @Test
    void aPlatformThatIsNotThereIsSaid() {
        assertThatThrownBy(() -> Platforms.create("none", memory))
                .isInstanceOf(BootException.class)
                .hasMessageContaining("--platform=none does not exist");
    }
}
