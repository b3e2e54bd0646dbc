package gvj.agent.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import gvj.runtime.Json;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ChartTest {
    private static final Path ROOT = Path.of(System.getProperty("gvj.root"));
    private static final Path CHART = ROOT.resolve("deploy/helm/gvisor-java");
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    private static List<HasMetadata> template(String... settings) {
        TemplateCommand command =
                new Helm(CHART).template().withName("sandboxes").withNamespace("kube-system");
        for (String setting : settings) {
            command.set(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
        }
        List<HasMetadata> all = new ArrayList<>();
        for (String document : command.call().split("(?m)^---$")) {
            if (document.lines().anyMatch(line -> line.startsWith("kind:"))) {
                all.add(YAML.unmarshal(document, HasMetadata.class));
            }
        }
        return all;
    }

    private static <T> T only(List<HasMetadata> all, Class<T> type) {
        return all.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + type.getSimpleName()));
    }

    @Test
    void lintHasNothingToSay() {
        LintResult result = new Helm(CHART).lint().strict().call();
        assertThat(result.isFailed()).as(String.valueOf(result.getMessages())).isFalse();
    }

    @Test
    void theRuntimeClassSelectsNodesThatAreReady() {
        RuntimeClass runtime = only(template(), RuntimeClass.class);
        assertThat(runtime.getHandler()).isEqualTo("gvisor-java");
        assertThat(runtime.getOverhead().getPodFixed()).containsKeys("memory", "cpu");
        assertThat(runtime.getScheduling().getNodeSelector()).containsEntry("gvisor-java.dev/ready", "true");
    }

    @Test
    void onlyTheInstallerIsPrivileged() {
        PodSpec pod = only(template(), DaemonSet.class).getSpec().getTemplate().getSpec();
        Container install = pod.getInitContainers().getFirst();
        assertThat(install.getSecurityContext().getPrivileged()).isTrue();
        assertThat(install.getArgs())
                .contains("install", "--config=/etc/containerd/config.toml", "--restart=systemctl restart containerd");
        Container metrics = pod.getContainers().getFirst();
        assertThat(metrics.getSecurityContext().getPrivileged()).isNull();
        assertThat(metrics.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(metrics.getVolumeMounts()).noneMatch(mount -> mount.getName().equals("host"));
        assertThat(only(template(), ClusterRole.class).getRules())
                .allMatch(rule ->
                        !rule.getVerbs().contains("*") && !rule.getResources().contains("*"));
    }

    @Test
    void flagsReachTheNode() {
        List<HasMetadata> all = template(
                "installer.flags.platform=kvm", "installer.flags.strace=true", "installer.containerd.restart=");
        assertThat(only(all, DaemonSet.class)
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getInitContainers()
                        .getFirst()
                        .getArgs())
                .contains("--flags=platform=kvm,strace=true", "--restart=");
    }

    /** The job is a hook, which is no part of what is templated. */
    @Test
    void aJobUninstallsBeforeTheChartIsDeleted() throws Exception {
        assertThat(Files.readString(CHART.resolve("templates/uninstall.yaml"))).contains("helm.sh/hook: pre-delete");
        ConfigMap map = only(template(), ConfigMap.class);
        Pod pod = YAML.unmarshal(map.getData().get("uninstall-pod.yaml"), Pod.class);
        assertThat(pod.getSpec().getHostPID()).isTrue();
        assertThat(pod.getSpec().getContainers().getFirst().getArgs()).contains("uninstall", "--handler=gvisor-java");
        assertThat(template("installer.uninstallHook=false")).noneMatch(ConfigMap.class::isInstance);
    }

    @Test
    void monitoringIsThereWhenAskedFor() {
        assertThat(template()).noneMatch(each -> each.getKind().equals("ServiceMonitor"));
        List<HasMetadata> all = template("metrics.serviceMonitor.enabled=true", "metrics.dashboard.enabled=true");
        assertThat(all).anyMatch(each -> each.getKind().equals("ServiceMonitor"));
        assertThat(all)
                .anyMatch(each -> each instanceof ConfigMap map
                        && map.getData().containsKey("gvisor-java.json")
                        && "1".equals(map.getMetadata().getLabels().get("grafana_dashboard")));
    }

    @Test
    void valuesThatCannotBeRightAreRefused() {
        assertThatThrownBy(() -> template("metrics.port=99999")).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> template("installer.bin=relative")).isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> template("instaler.bin=/x")).isInstanceOf(RuntimeException.class);
    }

    @Test
    void theDashboardAsksForMetricsThatThereAre() throws Exception {
        Path file = CHART.resolve("dashboards/gvisor-java.json");
        String collector = Files.readString(ROOT.resolve("agent/src/main/java/gvj/agent/metrics/SandboxCollector.java"))
                + "gvj_scrape_errors gvj_scrape_seconds_sum gvj_scrape_seconds_count";
        int panels = 0;
        for (Json panel :
                Json.parse("dashboard", Files.readAllBytes(file)).get("panels").elements()) {
            panels++;
            for (Json target : panel.get("targets").elements()) {
                String expression = target.get("expr").chars("");
                Matcher names = Pattern.compile("gvj_[a-z_]+").matcher(expression);
                while (names.find()) {
                    assertThat(collector).contains(names.group().replaceAll("_total$", ""));
                }
            }
        }
        assertThat(panels).isGreaterThan(10);
    }
}
