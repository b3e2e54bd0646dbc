package gvj.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import gvj.shim.ShimProgram.Ended;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What containerd writes to {@code start} and {@code -info}, and reads from them, byte by byte: up to 2.2 an Any with options, from 2.3
 * on BootstrapParams. The program is installed with a script in the place of Java, which says what it was told.
 */
@Timeout(30)
class BootstrapTest {
    /** What Java gets behind the name of its class, one word a line; then what it is besides. */
    private static final String JAVA = """
            while [ $# -gt 0 ] && [ "$1" != gvj.shim.Main ]; do shift; done
            for word; do echo "$word"; done >TOLD.new
            descriptors=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 /proc/$$/fd/2)
            { echo $descriptors; env | sort; } >PLACE.new
            mv PLACE.new PLACE; mv TOLD.new TOLD
            """;

    private static final Pattern USUAL = Pattern.compile("/run/containerd/s/[0-9a-f]{64}");
    private static final int VERSION = 4;
    private static final int TTRPC = 5;
    private static final int GRPC = 6;
    private static final int BINARY = 7;
    private static final int EXTENSION = 8;
    private static final int SOCKET_DIRECTORY = 9;

    @TempDir
    private Path directory;

    private Path bundle;
    private Path sockets;
    private Path program;
    private int starts;

    @BeforeEach
    void install() throws IOException {
        assumeTrue(Files.exists(ShimProgram.INSTALLED), "it is not built");
        bundle = Files.createDirectory(directory.resolve("bundle"));
        sockets = directory.resolve("s");
        program = Files.copy(
                ShimProgram.INSTALLED,
                Files.createDirectories(directory.resolve("dist/bin")).resolve(ShimProgram.NAME));
        Files.createDirectories(directory.resolve("dist/lib"));
        Scripts.program(
                Files.createDirectories(directory.resolve("dist/jre/bin")).resolve("java"),
                JAVA.replace("TOLD", told().toString()).replace("PLACE", place().toString()));
    }

    @AfterEach
    void removeWhatIsInTheUsualPlace() throws IOException {
        if (Files.exists(bundle.resolve("address"))) {
            Matcher socket = USUAL.matcher(Files.readString(bundle.resolve("address")));
            if (socket.find()) {
                Files.deleteIfExists(Path.of(socket.group()));
            }
        }
    }

    private Path told() {
        return directory.resolve("told");
    }

    private Path place() {
        return directory.resolve("place");
    }

    // ---- bytes ----

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] varint(long value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (; (value & ~0x7fL) != 0; value >>>= 7) {
            out.write((int) (value & 0x7f | 0x80));
        }
        out.write((int) value);
        return out.toByteArray();
    }

    private static byte[] bytes(int number, byte[] value) {
        return join(varint(number << 3 | 2), varint(value.length), value);
    }

    private static byte[] text(int number, String value) {
        return bytes(number, value.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] number(int number, long value) {
        return join(varint(number << 3), varint(value));
    }

    /** google.protobuf.Any with runtimeoptions.v1.Options, whose third field is TOML. */
    private static byte[] options(String toml) {
        return any("runtimeoptions.v1.Options", join(text(1, "io.containerd.gvisor-java.v1.options"), text(3, toml)));
    }

    private static byte[] any(String type, byte[] value) {
        return join(text(1, type), bytes(2, value));
    }

    /** What 2.3 writes, with more or other fields. */
    private byte[] params(byte[]... more) {
        return join(
                text(1, "one"),
                text(2, "test"),
                text(VERSION, "v2.3.4"),
                text(TTRPC, "/run/containerd/containerd.sock.ttrpc"),
                text(GRPC, "/run/containerd/containerd.sock"),
                text(BINARY, "/usr/bin/containerd"),
                text(SOCKET_DIRECTORY, sockets.toString()),
                join(more));
    }

    private static byte[] extension(byte[] any) {
        return bytes(EXTENSION, bytes(1, any));
    }

    // ---- running it ----

    private Ended run(byte[] input, Map<String, String> environment, String... arguments) throws Exception {
        Ended ended = ShimProgram.run(program, bundle, input, environment, arguments);
        if (!ended.hasRead()) {
            assertThat(arguments[0]).endsWith("-info"); // which reads nothing
        }
        return ended;
    }

    private Ended start(byte[] input, String... more) throws Exception {
        return start(input, Map.of(), more);
    }

    private Ended start(byte[] input, Map<String, String> environment, String... more) throws Exception {
        List<String> words = new ArrayList<>(List.of("-namespace", "test", "-address", directory + "/sock"));
        words.addAll(List.of("-publish-binary", directory + "/containerd", "-id", "one"));
        words.addAll(List.of(more));
        words.add("start");
        return run(input, environment, words.toArray(String[]::new));
    }

    /** What the shim's JVM was told. */
    private List<String> shim(Ended started) throws IOException {
        assertThat(started.status()).as(started.text()).isZero();
        assertThat(bundle.resolve("address")).hasContent(started.text());
        Scripts.until("the JVM is started", () -> Files.exists(told()));
        List<String> words = Files.readAllLines(told());
        Files.delete(told());
        return words;
    }

    private static String socket(List<String> words) {
        return words.get(2);
    }

    private static String root(List<String> words) {
        return words.get(4);
    }

    private static String debug(List<String> words) {
        return words.get(7);
    }

    private static List<String> flags(List<String> words) {
        return words.subList(8, words.size());
    }

    // ---- up to 2.2 ----

    @Test
    void noOptionsAreNoBytes() throws Exception {
        Ended started = start(new byte[0], Map.of("TTRPC_ADDRESS", "/run/t", "JAVA_TOOL_OPTIONS", "-Xno"), "-debug");
        List<String> words = shim(started);
        assertThat(started.text()).matches("unix:///run/containerd/s/[0-9a-f]{64}");
        assertThat(words.subList(0, 3))
                .containsExactly("gvj.shim.Main", "3", started.text().substring("unix://".length()));
        assertThat(words.subList(3, words.size()))
                .containsExactly(
                        "test", "/run/containerd/gvisor-java/test", directory + "/dist/bin/gvj", "/run/t", "debug");
        List<String> place = Files.readAllLines(place());
        assertThat(place.get(0)).isEqualTo("/dev/null /dev/null /dev/null"); // there is no log here
        assertThat(place).noneMatch(line -> line.startsWith("JAVA_TOOL_OPTIONS"));
    }

    @Test
    void anAnyHasTheOptions() throws Exception {
        Path file = Files.writeString(directory.resolve("shim.toml"), "root = '/r'\n[flags]\nplatform = 'systrap'\n");
        byte[] path = any("runtimeoptions.v1.Options", join(text(1, "a.type"), text(2, file.toString())));
        List<String> words = shim(start(path));
        assertThat(root(words)).isEqualTo("/r/test");
        assertThat(flags(words)).containsExactly("--platform=systrap");
        words = again(options("root = '/b'"));
        assertThat(root(words)).isEqualTo("/b/test");
        words = again(any("type.googleapis.com/runtimeoptions.v1.Options", text(3, "root = '/c'")));
        assertThat(root(words)).isEqualTo("/c/test");
    }

    /** CRI sends runc's options to everybody at times; a field that nobody knows is no harm. */
    @Test
    void optionsOfOtherTypesAreNobodysBusiness() throws Exception {
        byte[] runc = any("containerd.runc.v1.Options", join(text(3, "root = '/no'"), number(5, 1)));
        assertThat(root(shim(start(runc)))).isEqualTo("/run/containerd/gvisor-java/test");
        byte[] unknown =
                join(options("root = '/b'"), text(77, "x"), number(78, -1), new byte[] {(byte) 0xfd, 4, 1, 2, 3, 4});
        assertThat(root(again(unknown))).isEqualTo("/b/test");
    }

    @Test
    void aFileWithoutOptionsIsAnError() throws Exception {
        byte[] none = any("runtimeoptions.v1.Options", text(2, directory + "/none"));
        Ended ended = start(none);
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.text()).contains(directory + "/none").endsWith("\n");
        assertThat(bundle.resolve("address")).doesNotExist();
    }

    // ---- from 2.3 on ----

    @Test
    void paramsSayWhereSocketsAre() throws Exception {
        Ended started = start(params());
        List<String> words = shim(started);
        assertThat(started.text()).matches("unix://" + sockets + "/[0-9a-f]{64}");
        assertThat(socket(words)).isEqualTo(started.text().substring("unix://".length()));
        assertThat(Files.getPosixFilePermissions(sockets).toString())
                .hasSize("[OWNER_READ, OWNER_WRITE, OWNER_EXECUTE]".length());
        assertThat(debug(words)).isEmpty();
    }

    @Test
    void theirExtensionsHaveTheOptions() throws Exception {
        byte[] other = extension(any("containerd.runc.v1.Options", text(3, "root = '/no'")));
        List<String> words = shim(start(params(other, extension(options("root = '/b'\n[flags]\nplatform = 'kvm'")))));
        assertThat(root(words)).isEqualTo("/b/test");
        assertThat(flags(words)).containsExactly("--platform=kvm");
    }

    /** An Any and the new form parse as each other: only what the old one cannot have decides. */
    @Test
    void anyOfThreeFieldsTellsTheTwoApart() throws Exception {
        byte[] extension = extension(options("root = '/b'"));
        for (byte[] sign : new byte[][] {text(VERSION, "v2.3.0"), text(TTRPC, "/t"), text(GRPC, "/g")}) {
            byte[] input = join(text(1, "one"), text(2, "test"), sign, extension, text(SOCKET_DIRECTORY, sockets + ""));
            assertThat(root(again(input))).isEqualTo("/b/test");
        }
        byte[] none = join(text(1, "one"), text(2, "test"), text(VERSION, ""), extension);
        assertThat(root(again(none))).isEqualTo("/run/containerd/gvisor-java/test");
    }

    @Test
    void levelsBelowZeroAreForDebugging() throws Exception {
        for (int level : new int[] {-8, -4}) {
            assertThat(debug(again(params(number(3, level))))).isEqualTo("debug");
        }
        for (int level : new int[] {0, 4, 8, 12}) {
            assertThat(debug(again(params(number(3, level))))).isEmpty();
        }
    }

    @Test
    void aSocketsPathHasItsLimit() throws Exception {
        byte[] input = join(text(VERSION, "v2.3.0"), text(SOCKET_DIRECTORY, directory + "/" + "x".repeat(60)));
        Ended ended = start(input);
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.text()).startsWith("gvj: the path of a socket is too long: ");
    }

    @Test
    void whatIsNoMessageIsSaid() throws Exception {
        for (byte[] wrong : new byte[][] {
            {0},
            {0x0a},
            {0x0a, 5, 'a'},
            {0x0f, 1},
            {
                0x0a,
                (byte) 0xff,
                (byte) 0xff,
                (byte) 0xff,
                (byte) 0xff,
                (byte) 0xff,
                (byte) 0xff,
                (byte) 0xff,
                (byte) 0xff,
                (byte) 0xff,
                1
            },
        }) {
            Ended ended = start(wrong);
            assertThat(ended.status()).as(Arrays.toString(wrong)).isEqualTo(1);
            assertThat(ended.text()).isEqualTo("gvj: what containerd wrote to start is malformed\n");
        }
        byte[] cut = params(extension(options("root = '/b'")));
        Ended ended = start(Arrays.copyOf(cut, cut.length - 3));
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.text()).isEqualTo("gvj: what containerd wrote to start is malformed\n");
        assertThat(told()).doesNotExist();
    }

    private List<String> again(byte[] input) throws Exception {
        removeWhatIsInTheUsualPlace();
        return shim(
                start(input, "-id", "next" + ++starts)); // another pod: the last one's JVM may still have its socket
    }

    // ---- the answer ----

    @Test
    void onlyContainerd17IsAnsweredWithGrpc() throws Exception {
        byte[] grpc = options("protocol = 'grpc'");
        Map<String, String> later = Map.of("MAX_SHIM_VERSION", "2");
        Scripts.program(
                directory.resolve("containerd"), "echo 'containerd github.com/containerd/containerd 1.7.24~ds1 x'");
        assertThat(answer(grpc, later))
                .matches("\\{\"version\":2,\"address\":\"/run/containerd/s/[0-9a-f]{64}\",\"protocol\":\"grpc\"}");
        assertThat(answer(grpc, Map.of())).startsWith("unix://"); // 1.6 sets no such variable
        Scripts.program(
                directory.resolve("containerd"), "echo 'containerd github.com/containerd/containerd/v2 v2.1.9 x'");
        assertThat(answer(grpc, later)).startsWith("unix://");
        Scripts.program(directory.resolve("containerd"), "echo 'containerd containerd.io v1.7.28 x'");
        assertThat(answer(params(extension(grpc)), later)).startsWith("unix://"); // it speaks as 2.3
    }

    private String answer(byte[] input, Map<String, String> environment) throws Exception {
        removeWhatIsInTheUsualPlace();
        Ended started = start(input, environment, "-id", "next" + ++starts);
        shim(started);
        return started.text();
    }

    // ---- -info ----

    /** RuntimeInfo {1: name, 2: RuntimeVersion {1: version}}. */
    @Test
    void infoIsTheseBytes() throws Exception {
        byte[] version = text(1, System.getProperty("gvj.version", "0.1.0"));
        byte[] expected = join(text(1, "io.containerd.gvisor-java.v1"), bytes(2, version));
        assertThat(expected).startsWith(0x0a, 28, 'i', 'o').contains(0x12, 7, 0x0a, 5);
        for (byte[] input : new byte[][] {{}, options(""), params(), {0}}) {
            for (String flag : new String[] {"-info", "--info"}) {
                Ended ended = run(input, Map.of(), flag);
                assertThat(ended.status()).isZero();
                assertThat(ended.output()).isEqualTo(expected);
            }
        }
    }
}
