package gvj.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class OptionsTest {
    private static Options parse(String... words) throws UsageException {
        return Options.parse(Command.DO, List.of(words));
    }

    @Test
    void valuesComeAfterAnEqualsSignOrAsTheNextWord() throws UsageException {
        Options options = parse("--cwd=/a", "--env", "A=b=c", "--env=B=", "--strace", "ls", "--cwd", "x");
        assertThat(options.value("--cwd", "")).isEqualTo("/a");
        assertThat(options.values("--env")).containsExactly("A=b=c", "B=");
        assertThat(options.has("--strace")).isTrue();
        assertThat(options.words()).containsExactly("ls", "--cwd", "x");
    }

    @Test
    void twoDashesEndTheOptions() throws UsageException {
        assertThat(parse("--", "--strace").words()).containsExactly("--strace");
    }

    @Test
    void whatIsWrongIsSaidInOneLine() {
        assertThatThrownBy(() -> parse("--nope")).hasMessage("gvj do: unknown option --nope (see gvj do --help)");
        assertThatThrownBy(() -> parse("--cwd")).hasMessage("gvj do: --cwd needs a value: DIR");
        assertThatThrownBy(() -> parse("--strace=1", "x")).hasMessage("gvj do: --strace takes no value");
        assertThatThrownBy(() -> parse("--memory=lots").size("--memory", 1))
                .hasMessage("gvj do: --memory: \"lots\" is not a size like 512m or 2g");
    }

    @Test
    void sizesHaveUnits() throws UsageException {
        assertThat(parse("--memory=2g").size("--memory", 0)).isEqualTo(2L << 30);
        assertThat(parse("--memory=4097").size("--memory", 0)).isEqualTo(4097);
        assertThat(parse().size("--memory", 7)).isEqualTo(7);
        assertThatThrownBy(() -> parse("--memory=9999999999g").size("--memory", 1))
                .isInstanceOf(UsageException.class);
    }

    @Test
    void partsAreSplit() throws UsageException {
        Options options = parse("--strace-syscalls=open,,read", "--strace-syscalls", "write");
        assertThat(options.parts("--strace-syscalls", ',')).containsExactly("open", "read", "write");
    }

    @Test
    void theLauncherKnowsWhichOptionsHaveValues() throws Exception {
        String source = Files.readString(Path.of(System.getProperty("gvj.root"), "launcher/src/main/c/cmdline.c"));
        int from = source.indexOf("with_value[] = {");
        String table = source.substring(from, source.indexOf("NULL", from));
        TreeSet<String> inJava = new TreeSet<>();
        for (Command command : List.of(Command.DO, Command.RUN)) {
            for (Command.Option option : command.options()) {
                if (option.takesValue()) {
                    inJava.add(option.name());
                }
            }
        }
        TreeSet<String> inC = new TreeSet<>(
                List.of(table.replaceAll("(?s)^[^\"]*\"|\"[^\"]*$", "").split("\"[^\"]*\"")));
        assertThat(inC).isEqualTo(inJava);
    }

    @Test
    void helpNamesEveryOption() throws UsageException {
        for (Command command : Command.ALL) {
            String help = Main.answer(List.of(command.name(), "--help"));
            for (Command.Option option : command.options()) {
                assertThat(help).contains(option.name());
            }
            assertThat(help.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(100));
        }
    }
}
