package gvj.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    private static String launcher() throws IOException {
        return Files.readString(Path.of(System.getProperty("gvj.root"), "launcher/src/main/c/cmdline.c"));
    }

    /** The strings of the C array {@code name}. */
    private static Set<String> inC(String name) throws IOException {
        String source = launcher();
        int from = source.indexOf(name + "[] = {");
        Matcher strings = Pattern.compile("\"([^\"]*)\"").matcher(source.substring(from, source.indexOf("NULL", from)));
        Set<String> found = new TreeSet<>();
        while (strings.find()) {
            found.add(strings.group(1));
        }
        return found;
    }

    private static Set<String> names(List<Option> options, boolean takesValue) {
        Set<String> names = new TreeSet<>();
        for (Option option : options) {
            if (option.takesValue() == takesValue) {
                names.add(option.name());
            }
        }
        names.removeAll(Set.of("--help", "--version"));
        return names;
    }

    @Test
    void theLauncherKnowsWhichFlagsHaveValues() throws Exception {
        assertThat(inC("sandbox_values")).isEqualTo(names(Flags.ALL, true));
        assertThat(inC("sandbox_switches")).isEqualTo(names(Flags.ALL, false));
        Set<String> ofDo = names(Command.DO.options(), true);
        ofDo.removeAll(names(Flags.SANDBOX, true));
        assertThat(inC("do_values")).isEqualTo(ofDo);
    }

    /** Rows like {@code {"run exec", "detach", 'd', SWITCH, ...}}. */
    @Test
    void theLauncherKnowsTheSameOptionsOfCommands() throws Exception {
        Set<String> inC = new TreeSet<>();
        Matcher rows = Pattern.compile("\\{\"([a-z ]+)\", \"([a-z-]+)\", (0|'.'), ([A-Z]+),")
                .matcher(launcher());
        while (rows.find()) {
            for (String command : rows.group(1).split(" ")) {
                String letter =
                        rows.group(3).equals("0") ? "" : "-" + rows.group(3).charAt(1);
                inC.add(command + " --" + rows.group(2) + " " + letter
                        + (rows.group(4).equals("SWITCH") ? "" : "="));
            }
        }
        Set<String> inJava = new TreeSet<>();
        for (String name : List.of("create", "run", "exec", "kill", "delete", "update", "start", "state", "wait")) {
            for (Option option : Command.called(name).options()) {
                if (!Flags.ALL.contains(option)) {
                    inJava.add(name + " " + option.name() + " " + option.letter() + (option.takesValue() ? "=" : ""));
                }
            }
        }
        assertThat(inC).isEqualTo(inJava);
    }

    @Test
    void helpNamesEveryOption() throws Exception {
        for (Command command : Command.ALL) {
            String help = Main.answer(List.of(command.name(), "--help"));
            for (Option option : command.options()) {
                assertThat(help).contains(option.name());
            }
            assertThat(help).isEqualTo(Main.answer(List.of("help", command.name())));
            assertThat(help.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(116));
        }
        for (Option flag : Flags.ALL) {
            assertThat(Main.answer(List.of("help"))).contains(flag.name());
        }
    }
}
