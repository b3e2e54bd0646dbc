package gvj.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.boot.BootException;
import gvj.boot.BootSpec;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourcesJsonTest {
    private static final BootSpec.Limits CURRENT = new BootSpec.Limits(1000, 3, 40);

    private static BootSpec.Limits parse(String json) throws BootException {
        return new ResourcesJson().parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), CURRENT);
    }

    @Test
    void whatIsNotNamedStays() throws BootException {
        assertThat(parse("{}")).isEqualTo(CURRENT);
        assertThat(parse("{'cpu': {'shares': 2}, 'memory': {'limit': 0, 'swap': 5}, 'devices': []}"))
                .isEqualTo(CURRENT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'memory': {'limit': 5}}|5|3|40",
                "{'memory': {'limit': -1}}|9223372036854775807|3|40",
                "{'pids': {'limit': 7}}|1000|3|7",
                "{'pids': {'limit': 0}}|1000|3|0",
                "{'pids': {'limit': -1}}|1000|3|0",
                "{'pids': {'limit': 99999999999}}|1000|3|2147483647",
                "{'cpu': {'quota': 100000, 'period': 100000}}|1000|1|40",
                "{'cpu': {'quota': 150000}}|1000|2|40",
                "{'cpu': {'quota': 5000, 'period': 100000}}|1000|1|40",
                "{'cpu': {'quota': -1}}|1000|0|40",
                "{'cpu': {'cpus': '0-3,7'}}|1000|5|40",
                "{'cpu': {'cpus': '0'}}|1000|1|40",
                "{'cpu': {'cpus': '0-3', 'quota': 200000}}|1000|2|40",
                "{'cpu': {'cpus': '0', 'quota': 200000}}|1000|1|40",
            })
    void limitsAreRoundedUp(String json, long memory, int cpus, int pids) throws BootException {
        BootSpec.Limits limits = parse(json);
        assertThat(limits.memory()).isEqualTo(memory);
        assertThat(limits.cpus()).isEqualTo(cpus);
        assertThat(limits.pids()).isEqualTo(pids);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "{'cpu': {'quota': 5000, 'period': 100000}}|5000|100000",
                "{'cpu': {'quota': 30000, 'period': 20000}}|30000|20000",
                "{'cpu': {'quota': -1}}|0|100000",
                "{}|300000|100000",
            })
    void sharesOfProcessorsAreKeptAsTheyAre(String json, long quota, long period) throws BootException {
        BootSpec.Limits limits = parse(json);
        assertThat(limits.cpuQuota()).isEqualTo(quota);
        assertThat(limits.cpuPeriod()).isEqualTo(period);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'memory': 5}|resources: memory must be an object",
                "{'memory': {'limit': -2}}|memory.limit must be a whole number",
                "{'pids': {'limit': '5'}}|pids.limit must be a whole number",
                "{'cpu': {'cpus': '3-1'}}|cpu.cpus is no list of CPUs",
                "{'cpu': {'cpus': 'a'}}|cpu.cpus is no list of CPUs",
                "{'cpu': {'period': -1}}|cpu.period must be a whole number",
            })
    void whatIsWrongIsNamed(String json, String message) {
        assertThatThrownBy(() -> parse(json)).hasMessageContaining(message);
    }
}
