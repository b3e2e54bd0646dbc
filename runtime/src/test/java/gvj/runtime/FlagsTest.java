package gvj.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.boot.BootException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Where flags may stand, and which of several counts. */
class FlagsTest {
    private static CommandLine line(String... words) throws UsageException {
        return CommandLine.parse(List.of(words));
    }

    @Test
    void flagsStandBeforeTheCommandOrBehindIt() throws UsageException {
        assertThat(line("--platform=kvm", "run", "x").options().value("--platform", ""))
                .isEqualTo("kvm");
        assertThat(line("--platform", "kvm", "run", "--platform=systrap", "x")
                        .options()
                        .value("--platform", ""))
                .isEqualTo("systrap");
        assertThat(line("--strace-syscalls=a", "do", "--strace-syscalls=b", "x")
                        .options()
                        .parts("--strace-syscalls", ','))
                .containsExactly("a", "b");
        assertThat(line("--debug", "state", "x").command()).isSameAs(Command.STATE);
    }

    @Test
    void switchesCanBeTakenBack() throws UsageException {
        assertThat(line("--debug", "run", "x").options().has("--debug")).isTrue();
        assertThat(line("--debug", "run", "--debug=false", "x").options().has("--debug"))
                .isFalse();
        assertThat(line("--debug=true", "run", "x").options().has("--debug")).isTrue();
    }

    @Test
    void theRootOfAllContainersIsNotThatOfDo() throws UsageException {
        CommandLine line = line("--root=/states", "do", "true");
        assertThat(line.flags().value("--root", "")).isEqualTo("/states");
        assertThat(line.options().has("--root")).isFalse();
        assertThat(line("do", "--root=/r", "true").options().value("--root", ""))
                .isEqualTo("/r");
    }

    @Test
    void optionsMayStandBehindAnId() throws UsageException {
        CommandLine line = line("run", "id", "-b", "/bundle", "--detach");
        assertThat(line.options().words()).containsExactly("id");
        assertThat(line.options().value("--bundle", "")).isEqualTo("/bundle");
        assertThat(line.options().has("--detach")).isTrue();
        assertThat(line("exec", "-t", "id", "ls", "-l").options().words()).containsExactly("id", "ls", "-l");
    }

    @Test
    void whatIsWrongIsSaid() {
        assertThatThrownBy(() -> line("--nope", "run", "x")).hasMessage("gvj: unknown option --nope (see gvj help)");
        assertThatThrownBy(() -> line("nope")).hasMessage("gvj: unknown command nope (see gvj help)");
        assertThatThrownBy(() -> line("--platform=x", "run", "x"))
                .hasMessage("gvj: --platform: \"x\" is none of auto, kvm, systrap");
        assertThatThrownBy(() -> line("--root")).hasMessage("gvj: --root needs a value: DIR");
    }

    private static Options annotated(String name, String value, String... words) throws Exception {
        Options options = line(words).options();
        AnnotationFlags.apply(Map.of(name, value, "other", "x"), options);
        return options;
    }

    @Test
    void annotationsCountMost() throws Exception {
        assertThat(annotated("dev.gvisor.flag.platform", "systrap", "--platform=kvm", "run", "x")
                        .value("--platform", ""))
                .isEqualTo("systrap");
        assertThat(annotated("io.gvisor-java.flag.strace", "false", "--strace", "run", "x")
                        .has("--strace"))
                .isFalse();
        assertThat(annotated("io.gvisor-java.flag.debug", "true", "run", "x").has("--debug"))
                .isTrue();
    }

    @Test
    void annotationsCannotWidenWhatAContainerMayDo() {
        for (String name : List.of("network", "plugin-path", "debug-log", "memory", "root", "oci-seccomp", "log")) {
            assertThatThrownBy(() -> annotated("dev.gvisor.flag." + name, "x", "run", "x"))
                    .isInstanceOf(BootException.class)
                    .hasMessage("config.json: annotations.dev.gvisor.flag." + name + ": a container may not set --"
                            + name + "; it belongs on the command line");
        }
        assertThatThrownBy(() -> annotated("dev.gvisor.flag.overlay2", "root:dir=/etc", "run", "x"))
                .hasMessageContaining("a container may not name a path of the host");
        assertThatThrownBy(() -> annotated("dev.gvisor.flag.nope", "x", "run", "x"))
                .hasMessage("config.json: annotations.dev.gvisor.flag.nope: gvj has no flag --nope");
        assertThatThrownBy(() -> annotated("dev.gvisor.flag.platform", "x", "run", "x"))
                .hasMessageContaining("\"x\" is none of auto, kvm, systrap");
        assertThatThrownBy(() -> annotated("dev.gvisor.flag.debug", "1", "run", "x"))
                .hasMessageContaining("--debug takes no value");
    }

    /** docs/oci.md has a row for each flag, and says which a container may set. */
    @Test
    void theDocsListEveryFlag() throws IOException {
        String text = Files.readString(Path.of(System.getProperty("gvj.root"), "docs/oci.md"));
        Set<String> rows = new TreeSet<>();
        Matcher row = Pattern.compile("\\| `(--[a-z0-9-]+)` \\| (yes|no)").matcher(text);
        while (row.find()) {
            rows.add(row.group(1) + " " + row.group(2));
        }
        Set<String> flags = new TreeSet<>();
        for (Option flag : Flags.ALL) {
            flags.add(flag.name() + (flag.annotation() ? " yes" : " no"));
        }
        flags.removeAll(Set.of("--help no", "--version no"));
        assertThat(rows).isEqualTo(flags);
    }

    @Test
    void noOptionHasTwoMeaningsInOneCommand() {
        for (Command command : Command.ALL) {
            assertThat(command.options().stream().map(Option::name)).doesNotHaveDuplicates();
            assertThat(command.options().stream().map(Option::letter).filter(letter -> !letter.isEmpty()))
                    .doesNotHaveDuplicates();
        }
        assertThat(Flags.ALL.stream().map(Option::name)).doesNotHaveDuplicates();
    }
}
