package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of bad config.json: an error, nothing started, nothing left; and what must not be an error. */
class OciConfigTest extends OciTest {
    private static void refusedAndGone(Container container, Result result) {
        assertThat(result.status()).as(result.err()).isEqualTo(1);
        assertThat(result.err()).isNotBlank();
        assertThat(container.command("state", container.id).run().err()).contains("does not exist");
        assertThat(container.command("list", "-q").run().out()).doesNotContain(container.id);
    }

    /** Replaces the value at a JSON pointer; "" removes it. */
    private static void set(ObjectNode config, String pointer, String value) {
        int slash = pointer.lastIndexOf('/');
        ObjectNode parent = (ObjectNode) config.at(pointer.substring(0, slash));
        String name = pointer.substring(slash + 1);
        if (value == null) {
            parent.remove(name);
        } else {
            parent.set(name, Work.parse(value));
        }
    }

    @Test
    void noConfigJson() {
        Container container = container();
        refusedAndGone(container, container.command("create", container.id).run());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{", "[]", "nonsense", "{\"ociVersion\": }", "\"text\"", "{\"process\": {\"args\": [\"a\"}}"
            })
    void noJson(String text) {
        Container container = container();
        Work.write(container.bundle().resolve("config.json"), text);
        refusedAndGone(container, container.command("create", container.id).run());
    }

    /** A value of the wrong type; the message names the field. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /process/args           | "sh"
            /process/args           | [1, 2]
            /process/env            | {"A": "b"}
            /process/cwd            | 5
            /process/user           | "root"
            /process/user/uid       | "zero"
            /process/user/uid       | -1
            /process/user/uid       | 4294967296
            /process/terminal       | "yes"
            /process/rlimits        | {}
            /process/rlimits        | [{"type": "RLIMIT_NOFILE", "hard": -1, "soft": -1}]
            /process/capabilities   | ["CAP_KILL"]
            /process/noNewPrivileges| "true"
            /root/path              | ["rootfs"]
            /root/readonly          | 1
            /hostname               | {}
            /mounts                 | {}
            /mounts                 | [{"destination": 1}]
            /mounts                 | [{"destination": "/a", "options": "ro"}]
            /linux/namespaces       | {"type": "pid"}
            /linux/resources        | {"memory": {"limit": "1G"}}
            /linux/maskedPaths      | "/proc/kcore"
            /linux/sysctl           | {"net.core.somaxconn": 5}
            /hooks                  | {"prestart": {"path": "/bin/true"}}
            /annotations            | {"key": 1}
            """)
    void aValueOfTheWrongType(String pointer, String value) {
        Container container = container();
        set(container.config, pointer.strip(), value);
        refusedAndGone(container, container.tryCreate());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/process/args", "/process/cwd", "/root", "/process"})
    void aFieldIsMissing(String pointer) {
        Container container = container();
        set(container.config, pointer, null);
        Result result = container.run();
        assertThat(result.status()).isNotZero();
        assertThat(result.err()).isNotBlank();
        assertThat(container.command("list", "-q").run().out()).doesNotContain(container.id);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /process/args           | []
            /process/cwd            | "tmp"
            /root/path              | "no/such/directory"
            /root/path              | ""
            /process/rlimits        | [{"type": "RLIMIT_NONSENSE", "hard": 1, "soft": 1}]
            /process/rlimits        | [{"type": "RLIMIT_NOFILE", "hard": 1, "soft": 2}]
            /linux/namespaces       | [{"type": "mount"}, {"type": "nonsense"}]
            /linux/namespaces       | [{"type": "mount"}, {"type": "mount"}]
            /linux/namespaces       | [{"type": "mount"}, {"type": "network", "path": "/no/such/netns"}]
            /mounts                 | [{"destination": "/mnt", "type": "bind", "source": "/no/such/source", "options": ["bind"]}]
            """)
    void aValueThatCannotBe(String pointer, String value) {
        Container container = container();
        set(container.config, pointer.strip(), value);
        refusedAndGone(container, container.tryCreate());
    }

    @Test
    void theRootMustBeADirectory() {
        Container container = container();
        Work.write(container.bundle().resolve("file"), "");
        set(container.config, "/root/path", "\"file\"");
        refusedAndGone(container, container.tryCreate());
    }

    @Test
    void unknownFieldsAreIgnored() {
        Container container = container().script("echo fine");
        JsonNode anything = Work.parse("{\"a\": [1, {\"b\": null}], \"c\": \"d\"}");
        container.config.set("fieldOfTheFuture", anything);
        container.process().set("fieldOfTheFuture", anything);
        container.linux().set("fieldOfTheFuture", anything);
        container.config.set("windows", anything);
        assertThat(container.out()).isEqualTo("fine\n");
    }

    @Test
    void nullIsAsGoodAsNothing() {
        Container container = container().script("echo fine");
        container.config.putNull("hooks").putNull("annotations").putNull("domainname");
        container.process().putNull("rlimits").putNull("capabilities").putNull("oomScoreAdj");
        container
                .linux()
                .putNull("resources")
                .putNull("maskedPaths")
                .putNull("sysctl")
                .putNull("seccomp");
        assertThat(container.out()).isEqualTo("fine\n");
    }

    @Test
    void anUnknownCapabilityDoesNotStopAContainer() {
        Container container = container().script("echo fine");
        container.process().putObject("capabilities").putArray("bounding").add("CAP_OF_THE_FUTURE");
        assertThat(container.out()).isEqualTo("fine\n");
    }

    @Test
    void aRelativeRootIsTheBundles() {
        Container container = container().ownRootfs().script("ls -d /bin");
        assertThat(container.out()).isEqualTo("/bin\n");
    }

    @Test
    void theCommandLineMayBeAMegabyte() {
        String word = "x".repeat(100_000);
        Container container = container().args("/bin/sh", "-c", "echo $#", "sh", word, word, word, word, word, word);
        assertThat(container.out()).isEqualTo("6\n");
    }

    @Test
    void textIsUtf8() {
        Container container = container().args("/bin/echo", "gr\u00fc\u00df \u20ac \ud83d\ude00", "\u0001");
        assertThat(new String(
                        container.out().getBytes(java.nio.charset.StandardCharsets.ISO_8859_1),
                        java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("gr\u00fc\u00df \u20ac \ud83d\ude00 \u0001\n");
    }
}
