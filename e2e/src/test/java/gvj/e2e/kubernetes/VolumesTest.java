package gvj.e2e.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Volumes of each kind that a kubelet makes by itself. */
@Execution(ExecutionMode.CONCURRENT)
class VolumesTest extends KubernetesTest {
    private static ConfigMap map(String name, Map<String, String> data) {
        return client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withData(data)
                        .build())
                .create();
    }

    @Test
    void aPartOfAVolumeIsMounted() throws Exception {
        map("parts", Map.of("first", "one", "second", "two"));
        try {
            Pod pod = ready(pod("""
                    volumes:
                      - {name: all, emptyDir: {}}
                      - {name: map, configMap: {name: parts}}
                    containers:
                      - name: whole
                        command: [sleep, "1000"]
                        volumeMounts: [{name: all, mountPath: /all}]
                      - name: part
                        command: [sleep, "1000"]
                        env: [{name: NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
                        volumeMounts:
                          - {name: all, mountPath: /one, subPath: deep/one}
                          - {name: all, mountPath: /mine, subPathExpr: of-$(NAME)}
                          - {name: map, mountPath: /etc/second, subPath: second}
                    """));
            String name = pod.getMetadata().getName();
            assertThat(exec(pod, "part", "cat /etc/second; ls /etc/first; echo 1 >/one/f; echo 2 >/mine/f; ls /one/.."))
                    .startsWith("twols: /etc/first: No such file or directory\n")
                    .contains("\nbin\n");
            assertThat(exec(pod, "whole", "cd /all; find * | sort; cat deep/one/f of-" + name + "/f"))
                    .isEqualTo("deep\ndeep/one\ndeep/one/f\nof-" + name + "\nof-" + name + "/f\n1\n2\n=0");
        } finally {
            client.configMaps().withName("parts").delete();
        }
    }

    @Test
    void aGroupOwnsTheVolume() throws Exception {
        Pod pod = ready(pod("""
                securityContext: {runAsUser: 1000, runAsGroup: 1001, fsGroup: 2000, supplementalGroups: [3000]}
                volumes: [{name: v, emptyDir: {}}]
                containers:
                  - name: one
                    command: [sleep, "1000"]
                    volumeMounts: [{name: v, mountPath: /v}]
                """));
        assertThat(exec(pod, "one", "stat -c '%u %g %a' /v; touch /v/f; stat -c '%u %g' /v/f; id -u; id -g; id -G"))
                .isEqualTo("0 2000 2777\n1000 2000\n1000\n1001\n1001 2000 3000\n=0");
    }

    @Test
    void podsShareTheNodesFiles() throws Exception {
        String directory =
                cluster.kubelet() + "/volumes-" + ProcessHandle.current().pid();
        String yaml = """
                volumes:
                  - {name: d, hostPath: {path: %1$s/d, type: DirectoryOrCreate}}
                  - {name: f, hostPath: {path: %1$s/d/file, type: FileOrCreate}}
                containers:
                  - name: one
                    command: [sleep, "1000"]
                    volumeMounts:
                      - {name: d, mountPath: /d}
                      - {name: f, mountPath: /etc/file, readOnly: %2$s}
                """;
        Pod writer = ready(pod(yaml.formatted(directory, "false")));
        Pod reader = ready(pod(yaml.formatted(directory, "true")));
        assertThat(exec(writer, "one", "echo text >/etc/file; mkdir /d/new; echo more >/d/new/f; cat /d/file"))
                .isEqualTo("text\n=0");
        assertThat(exec(reader, "one", "cat /etc/file /d/new/f; echo x >/etc/file"))
                .contains("text\nmore\n", "Read-only file system", "=1");
        assertThat(exec(reader, "one", "echo again >>/d/file; rm -r /d/new; mv /d/file /d/moved"))
                .isEqualTo("=0");
        assertThat(exec(writer, "one", "cat /etc/file /d/moved; ls /d; rm -r /d/*"))
                .isEqualTo("text\nagain\ntext\nagain\nmoved\n=0");
    }

    @Test
    void aDirectoryThatIsNotThereIsAnEvent() {
        Pod pod = start(pod("""
                volumes: [{name: d, hostPath: {path: /no/such/directory, type: Directory}}]
                containers: [{name: one, command: [sleep, "1000"], volumeMounts: [{name: d, mountPath: /d}]}]
                """));
        String name = pod.getMetadata().getName();
        Cluster.until(60, "an event", () -> events(name).contains("FailedMount"));
    }

    @Test
    void whatIsProjectedChangesWithItsSources() throws Exception {
        map("changing", Map.of("key", "old", "gone", "x"));
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("hidden")
                        .endMetadata()
                        .addToStringData("word", "secret")
                        .build())
                .create();
        try {
            Pod pod = ready(pod("""
                    volumes:
                      - name: all
                        projected:
                          defaultMode: 0440
                          sources:
                            - configMap: {name: changing}
                            - secret: {name: hidden, items: [{key: word, path: deep/word, mode: 0400}]}
                            - downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}
                            - serviceAccountToken: {path: token, expirationSeconds: 3600}
                      - {name: map, configMap: {name: changing}}
                    containers:
                      - name: one
                        command: [sleep, "1000"]
                        volumeMounts:
                          - {name: all, mountPath: /all, readOnly: true}
                          - {name: map, mountPath: /map}
                          - {name: map, mountPath: /once, subPath: key}
                    """));
            assertThat(exec(
                            pod,
                            "one",
                            "cd /all; cat key /map/key deep/word; stat -L -c %a key deep/word; wc -l <token; touch x"))
                    .contains("oldoldsecret440\n400\n0\n", "Read-only file system");
            // held open, and in a process that stays: each must see the change as on the host
            assertThat(exec(pod, "one", "cat /map/key /once; exec 3</map/key; (sleep 300 <&3 >/dev/null 2>&1 &)"))
                    .isEqualTo("oldold=0");
            client.configMaps()
                    .withName("changing")
                    .edit(now -> new ConfigMapBuilder(now)
                            .withData(Map.of("key", "new and longer", "added", "y"))
                            .build());
            client.pods()
                    .withName(pod.getMetadata().getName())
                    .edit(now -> new PodBuilder(now)
                            .editMetadata()
                            .addToLabels("colour", "green")
                            .endMetadata()
                            .build());
            Cluster.until(
                    90,
                    "the new values",
                    () -> exec(pod, "one", "cat /all/key /map/key; grep -c colour /all/labels")
                            .equals("new and longernew and longer1\n=0"));
            assertThat(exec(pod, "one", "ls /map; cat /map/added /once; cat /map/gone"))
                    .startsWith("added\nkey\nyoldcat: can't open '/map/gone'");
        } finally {
            client.configMaps().withName("changing").delete();
            client.secrets().withName("hidden").delete();
        }
    }

    @Test
    void memoryIsAVolumeOfItsSize() throws Exception {
        Pod pod = ready(pod("""
                volumes: [{name: m, emptyDir: {medium: Memory, sizeLimit: 2Mi}}]
                containers:
                  - {name: one, command: [sleep, "1000"], volumeMounts: [{name: m, mountPath: /m}]}
                  - {name: two, command: [sleep, "1000"], volumeMounts: [{name: m, mountPath: /m}]}
                """));
        assertThat(
                        exec(
                                pod,
                                "one",
                                "df -k /m | tail -1 | awk '{print $2}'; head -c 1000000 /dev/zero >/m/a; dd if=/dev/zero of=/m/b bs=100000 count=30"))
                .startsWith("2048\n")
                .contains("No space left on device");
        assertThat(exec(pod, "two", "wc -c </m/a; rm /m/b; echo again >/m/c")).isEqualTo("1000000\n=0");
    }
}
