package gvj.net.inet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.abi.Errno;
import gvj.kernel.ErrnoException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupRangeTest {
    @Test
    void aRangeReadsAsItWasWritten() {
        assertThat(GroupRange.parse("0 1000\n")).hasToString("0\t1000");
        assertThat(GroupRange.parse("0\t2147483647")).hasToString(GroupRange.ALL.toString());
    }

    /** As Linux has it. */
    @Test
    void aRangeThatEndsBeforeItBeginsIsNobodys() {
        assertThat(GroupRange.parse("5 4")).hasToString("1\t0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1 2 3", "x 1", "-1 5", "0 2147483648"})
    void whatIsNoRangeIsRefused(String text) {
        assertThatThrownBy(() -> GroupRange.parse(text))
                .isInstanceOfSatisfying(
                        ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
    }
}
