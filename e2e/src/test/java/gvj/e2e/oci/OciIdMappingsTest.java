package gvj.e2e.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.Result;
import gvj.e2e.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A user namespace with {@code uidMappings} and {@code gidMappings}: what ids there are inside, and whose files are. */
class OciIdMappingsTest extends OciTest {
    private static final int UIDS = 100_000;
    private static final int GIDS = 200_000;
    private static final int COUNT = 65_536;

    private Container container;

    @BeforeEach
    void mapIds() {
        container = container().ownRootfs();
        ((ArrayNode) container.linux().path("namespaces")).addObject().put("type", "user");
        map("uidMappings", 0, UIDS, COUNT);
        map("gidMappings", 0, GIDS, COUNT);
        ArrayNode names = Work.JSON.createArrayNode();
        for (String name : new String[] {"CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETUID", "SETGID"}) {
            names.add("CAP_" + name);
        }
        ObjectNode sets = container.process().putObject("capabilities");
        for (String set : new String[] {"bounding", "effective", "permitted"}) {
            sets.set(set, names);
        }
        Result given = Run.command(
                        "chown", "-hR", UIDS + ":" + GIDS, container.rootfs().toString())
                .run();
        assertThat(given.status()).as(given.err()).isZero();
    }

    private void map(String member, long inside, long outside, long count) {
        container
                .linux()
                .withArray(member)
                .addObject()
                .put("containerID", inside)
                .put("hostID", outside)
                .put("size", count);
    }

    /** "UID:GID MODE" of a file of the root, as the host has it. */
    private String owner(String name) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(container.rootfs().resolve(name), "unix:uid,gid,mode");
        return attributes.get("uid") + ":" + attributes.get("gid") + " "
                + Integer.toOctalString((int) attributes.get("mode") & 07777);
    }

    /** A file that no id inside owns. */
    private Path unmapped() {
        return Work.write(container.rootfs().resolve("hosts"), "of the host\n");
    }

    @Test
    void whatIsMadeInsideBelongsToMappedIdsOutside() throws IOException {
        container.script("umask 022; echo x >/file; mkdir /dir; echo x >/given; chown 5:6 /given; ls -ln /given");
        assertThat(container.out()).contains(" 5        6 ");
        assertThat(owner("file")).isEqualTo("100000:200000 644");
        assertThat(owner("dir")).isEqualTo("100000:200000 755");
        assertThat(owner("given")).isEqualTo("100005:200006 644");
    }

    @Test
    void theProgramsUserIsOneOfThem() throws IOException {
        container.process().putObject("user").put("uid", 7).put("gid", 8);
        Files.createDirectory(container.rootfs().resolve("all"));
        Run.command("chmod", "777", container.rootfs().resolve("all").toString())
                .run();
        container.script("id -u; id -g; echo x >/all/file; touch /no 2>/dev/null || echo refused");
        assertThat(container.out()).isEqualTo("7\n8\nrefused\n");
        assertThat(owner("all/file")).isEqualTo("100007:200008 644");
    }

    @Test
    void theMapsShowInside() {
        map("uidMappings", COUNT, 300_000, 10);
        container.script("cat /proc/self/uid_map /proc/1/gid_map");
        assertThat(container.out()).isEqualTo("""
                         0     100000      65536
                     65536     300000         10
                         0     200000      65536
                """);
    }

    @Test
    void aFileOfNobodyInsideIsReadAndNotChanged() throws IOException {
        unmapped();
        container.script("stat -c '%u:%g' /hosts; cat /hosts; chown 0 /hosts || echo 1; chmod 600 /hosts || echo 2;"
                + " echo x >>/hosts || echo 3");
        Result result = container.run();
        assertThat(result.out()).isEqualTo("65534:65534\nof the host\n1\n2\n3\n");
        assertThat(result.err()).contains("Operation not permitted").contains("Permission denied");
        assertThat(owner("hosts")).isEqualTo("0:0 644");
        assertThat(container.rootfs().resolve("hosts")).hasContent("of the host");
    }

    @Test
    void aSecretOfNobodyInsideIsNotRead() {
        Path file = unmapped();
        Run.command("chmod", "600", file.toString()).run();
        container.script("cat /hosts; rm /hosts; echo $?");
        Result result = container.run();
        assertThat(result.out()).isEqualTo("0\n"); // the directory is root's
        assertThat(result.err()).contains("Permission denied");
    }

    @Test
    void rootGivesFilesToNoIdThatThereIsNot() throws IOException {
        container.script("echo x >/file; for f in /file /tmp; do chown 65536 $f || echo $?; chgrp 70000 $f || echo $?;"
                + " chown 65535:65534 $f && echo given; done");
        Result result = container.run();
        assertThat(result.out()).isEqualTo("1\n1\ngiven\n1\n1\ngiven\n");
        assertThat(result.err().lines()).hasSize(4).allMatch(line -> line.endsWith("Invalid argument"));
        assertThat(owner("file")).isEqualTo("165535:265534 644");
    }

    @Test
    void theGroupOfADirectoryIsInherited() throws IOException {
        container.script("mkdir /d; chgrp 9 /d; chmod 2755 /d; umask 022; echo x >/d/f; mkdir /d/d;"
                + " chmod 6755 /d/f; stat -c '%g %a' /d/f /d/d");
        assertThat(container.out()).isEqualTo("9 6755\n9 2755\n");
        assertThat(owner("d/f")).isEqualTo("100000:200009 6755");
        assertThat(owner("d/d")).isEqualTo("100000:200009 2755");
    }

    @Test
    void aVolumeIsMappedToo() throws IOException {
        Path volume = Work.directory(container.bundle().resolve("volume"));
        Work.write(volume.resolve("file"), "x");
        Run.command("chown", "-R", "100003:200004", volume.toString()).run();
        container
                .mount("/mnt", "bind", volume.toString(), "rbind", "rw")
                .script("stat -c '%u:%g' /mnt/file; chown 9 /mnt/file");
        assertThat(container.out()).isEqualTo("3:4\n");
        assertThat(Files.getAttribute(volume.resolve("file"), "unix:uid")).isEqualTo(100_009);
    }

    @Test
    void aProcessThatJoinsHasThemToo() throws IOException {
        container.create().start();
        assertThat(container.exec("echo x >/joined; chown 3:4 /joined; cat /proc/self/uid_map"))
                .isEqualTo("         0     100000      65536\n");
        assertThat(owner("joined")).isEqualTo("100003:200004 644");
        assertThat(container.tryExec("--user=65536:0", "/bin/id").status()).isNotZero();
    }

    @Test
    void withoutAUserNamespaceTheyAreIgnored() throws IOException {
        ArrayNode namespaces = (ArrayNode) container.linux().path("namespaces");
        namespaces.remove(namespaces.size() - 1);
        container.script("echo x >/file; cat /proc/self/uid_map");
        assertThat(container.out()).isEqualTo("         0          0 4294967295\n");
        assertThat(owner("file")).isEqualTo("0:0 644");
    }

    @ParameterizedTest
    @CsvSource({
        "uidMappings, 1, 100000, 10",
        "gidMappings, 1, 100000, 10",
        "uidMappings, 0, 100000, 0",
        "uidMappings, 0, 100000, 4294967295",
        "gidMappings, 0, 4294967295, 1",
    })
    void mapsThatCannotBeAreRefused(String member, long inside, long outside, long count) {
        container.linux().remove(member);
        map(member, inside, outside, count);
        assertThat(container.tryCreate().status()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"5, 300000", "70000, 100005"})
    void mapsThatOverlapAreRefused(long inside, long outside) {
        map("uidMappings", inside, outside, 10);
        assertThat(container.tryCreate().status()).isEqualTo(1);
    }

    @Test
    void aUserWhomTheyDoNotHaveIsRefused() {
        container.process().putObject("user").put("uid", COUNT).put("gid", 0);
        assertThat(container.tryCreate().status()).isEqualTo(1);
    }

    @Test
    void aUserNamespaceNeedsThem() {
        container.linux().remove("gidMappings");
        assertThat(container.tryCreate().status()).isEqualTo(1);
    }
}
