package gvj.e2e.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.Result;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What a security context gives and takes, and what of the pod and of the node is shared. */
@Execution(ExecutionMode.CONCURRENT)
class SecurityTest extends KubernetesTest {
    @Test
    void safeSysctlsAreSetForThePod() throws Exception {
        Pod pod = ready(pod("""
                securityContext:
                  sysctls:
                    - {name: net.ipv4.ip_local_port_range, value: "40000 40100"}
                    - {name: net.ipv4.tcp_syncookies, value: "0"}
                    - {name: net.ipv4.ping_group_range, value: "0 1000"}
                    - {name: kernel.shm_rmid_forced, value: "1"}
                containers:
                  - {name: one, command: [sleep, "1000"]}
                  - {name: server, command: [sh, -c, "while :; do nc -l -p 80 -e cat; done"]}
                """));
        assertThat(exec(
                        pod,
                        "one",
                        "cd /proc/sys; cat net/ipv4/ip_local_port_range net/ipv4/tcp_syncookies"
                                + " net/ipv4/ping_group_range kernel/shm_rmid_forced | tr '\\t' ' '"))
                .isEqualTo("40000 40100\n0\n0 1000\n1\n=0");
        assertThat(exec(
                        pod,
                        "one",
                        "(sleep 10 | nc 127.0.0.1 80 &) 2>/dev/null; for i in $(seq 20); do"
                                + " netstat -tn | grep ':80 *ESTABLISHED' && break; sleep 0.5; done"))
                .containsPattern("127.0.0.1:40[01][0-9][0-9] ");
    }

    @Test
    void otherSysctlsAreRefused() {
        Pod pod = start(pod("""
                securityContext: {sysctls: [{name: kernel.msgmax, value: "65536"}]}
                containers: [{name: one, command: [sleep, "1000"]}]
                """));
        awaitEnd(pod);
        assertThat(now(pod).getStatus().getReason()).isEqualTo("SysctlForbidden");
    }

    private static final String MKDIR =
            "mkdir /tmp/d; echo $?; unshare -U true; echo $?; grep Seccomp: /proc/self/status";

    @Test
    void seccompProfilesHold() throws Exception {
        String directory = cluster.kubelet() + "/seccomp";
        String profile = Base64.getEncoder().encodeToString("""
                {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
                 "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]}
                """.getBytes(StandardCharsets.UTF_8));
        Pod writer = start(pod("""
                volumes: [{name: d, hostPath: {path: %s, type: DirectoryOrCreate}}]
                containers:
                  - name: one
                    command: [sh, -c, "echo %s | base64 -d >/d/no-mkdir.json"]
                    volumeMounts: [{name: d, mountPath: /d}]
                """.formatted(directory, profile)));
        assertThat(awaitEnd(writer)).isEqualTo("Succeeded");
        Pod pod = ready(pod("""
                securityContext: {seccompProfile: {type: RuntimeDefault}}
                containers:
                  - {name: usual, command: [sleep, "1000"]}
                  - name: local
                    command: [sleep, "1000"]
                    securityContext: {seccompProfile: {type: Localhost, localhostProfile: no-mkdir.json}}
                  - name: none
                    command: [sleep, "1000"]
                    securityContext: {seccompProfile: {type: Unconfined}}
                """));
        assertThat(exec(pod, "usual", MKDIR))
                .isEqualTo("0\nunshare: unshare(0x10000000): Operation not permitted\n1\nSeccomp:\t2\n=0");
        assertThat(exec(pod, "local", MKDIR))
                .startsWith("mkdir: can't create directory '/tmp/d': Operation not permitted\n1\n")
                .endsWith("Seccomp:\t2\n=0");
        assertThat(exec(pod, "none", MKDIR)).startsWith("0\n").endsWith("Seccomp:\t0\n=0");
    }

    @Test
    void aProfileThatIsNotThereIsAnEvent() {
        Pod pod = start(pod("""
                securityContext: {seccompProfile: {type: Localhost, localhostProfile: nosuch.json}}
                containers: [{name: one, command: [sleep, "1000"]}]
                """));
        String name = pod.getMetadata().getName();
        Cluster.until(60, "an event", () -> events(name).contains("nosuch.json"));
    }

    @Test
    void usersAndRootsAreWhatTheContextSays() throws Exception {
        Pod pod = ready(pod("""
                volumes: [{name: v, emptyDir: {}}]
                containers:
                  - name: sealed
                    command: [sleep, "1000"]
                    securityContext: {readOnlyRootFilesystem: true}
                    volumeMounts: [{name: v, mountPath: /v}]
                  - name: user
                    command: [sleep, "1000"]
                    securityContext: {runAsUser: 1234, runAsGroup: 5678, runAsNonRoot: true, allowPrivilegeEscalation: false}
                """));
        assertThat(exec(pod, "sealed", "touch /x; touch /etc/x; touch /v/x && touch /dev/shm/x && echo well"))
                .isEqualTo("touch: /x: Read-only file system\ntouch: /etc/x: Read-only file system\nwell\n=0");
        assertThat(exec(pod, "user", "id -u; id -g; touch /x; grep NoNewPrivs /proc/self/status"))
                .isEqualTo("1234\n5678\ntouch: /x: Permission denied\nNoNewPrivs:\t1\n=0");
    }

    @Test
    void rootIsRefusedWhereItIsNotWanted() {
        Pod pod = start(pod("""
                securityContext: {runAsNonRoot: true}
                containers: [{name: one, command: [sleep, "1000"]}]
                """));
        Cluster.until(
                60,
                "it is refused",
                () -> state(pod, "one").getWaiting().getReason().equals("CreateContainerConfigError"));
    }

    @Test
    void capabilitiesAreDroppedAndAdded() throws Exception {
        Pod pod = ready(pod("""
                containers:
                  - {name: usual, command: [sleep, "1000"]}
                  - name: none
                    command: [sleep, "1000"]
                    securityContext: {capabilities: {drop: [ALL]}}
                  - name: some
                    command: [sleep, "1000"]
                    securityContext: {capabilities: {drop: [ALL], add: [CHOWN, NET_ADMIN]}}
                  - name: more
                    command: [sleep, "1000"]
                    securityContext: {capabilities: {add: [SYS_TIME], drop: [MKNOD]}}
                """));
        String look =
                "grep -E 'Cap(Prm|Eff|Bnd)' /proc/self/status | cut -f2 | uniq; touch /f; chown 1 /f 2>/dev/null; echo $?";
        assertThat(exec(pod, "usual", look)).isEqualTo("00000000a80425fb\n0\n=0");
        assertThat(exec(pod, "none", look)).isEqualTo("0000000000000000\n1\n=0");
        assertThat(exec(pod, "some", look)).isEqualTo("0000000000001001\n0\n=0");
        assertThat(exec(pod, "more", look)).isEqualTo("00000000a20425fb\n0\n=0");
    }

    private static final String OTHER = "$(ps -o pid,args | awk '/sleep 100[1]/ {print $1}')";

    @Test
    void processesAreSharedWhereThePodSaysSo() throws Exception {
        Pod pod = ready(pod("""
                shareProcessNamespace: true
                restartPolicy: Always
                containers:
                  - {name: one, command: [sleep, "1001"]}
                  - {name: two, command: [sleep, "1002"], securityContext: {capabilities: {add: [SYS_PTRACE]}}}
                """));
        assertThat(exec(
                        pod,
                        "two",
                        "tr '\\0' ' ' </proc/1/cmdline; ps -o args | grep '^sleep'; cat /proc/" + OTHER
                                + "/root/etc/hostname"))
                .isEqualTo("/pause sleep 1001\nsleep 1002\n" + pod.getMetadata().getName() + "\n=0");
        assertThat(exec(pod, "two", "kill -9 " + OTHER)).isEqualTo("=0");
        Cluster.until(
                60,
                "it is started again",
                () -> now(pod).getStatus().getContainerStatuses().stream()
                        .anyMatch(status -> status.getName().equals("one") && status.getRestartCount() == 1));
    }

    @Test
    void aDebuggerJoinsAContainer() {
        Pod pod = ready(
                pod("containers: [{name: one, command: [sleep, '1001']}, {name: two, command: [sleep, '1002']}]"));
        String name = pod.getMetadata().getName();
        Result result = kubectl(
                "debug",
                name,
                "--container=debugger",
                "--image=" + BUSYBOX,
                "--image-pull-policy=IfNotPresent",
                "--target=one",
                "--attach=false",
                "--",
                "sh",
                "-c",
                "ps -o args; exec sleep 1000");
        assertThat(result.status()).as(result.err()).isZero();
        Cluster.until(60, "it has looked", () -> log(pod, "debugger").contains("ps -o args"));
        assertThat(log(pod, "debugger")).contains("sleep 1001").doesNotContain("sleep 1002");
    }

    @Test
    void theNodesNetworkIsThePods() throws Exception {
        Pod server = ready(pod("""
                hostNetwork: true
                containers: [{name: one, command: [sh, -c, "while :; do echo hello | nc -l -p 34567; done"]}]
                """));
        Pod asking = ready(pod("containers: [{name: one, command: [sleep, '1000']}]"));
        var status = now(server).getStatus();
        assertThat(status.getPodIP()).isEqualTo(status.getHostIP());
        assertThat(exec(asking, "one", "nc " + status.getHostIP() + " 34567 </dev/null"))
                .isEqualTo("hello\n=0");
        assertThat(exec(server, "one", "ip -o link | wc -l")).isNotEqualTo(exec(asking, "one", "ip -o link | wc -l"));
    }
}
