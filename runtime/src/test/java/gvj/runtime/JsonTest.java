package gvj.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.boot.BootException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    private static Json parse(String text) throws BootException {
        return Json.parse("x", text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsEveryKindOfValue() throws BootException {
        Json json = parse(" {\"a\": [1, -2.5e1, true, null], \"s\": \"q\\\"\\u00e4\\n\", \"o\": {}} ");
        assertThat(json.get("a").elements().get(0).integer(0, 0, 9)).isEqualTo(1);
        assertThat(json.get("a").elements().get(1).integer(0, -99, 9)).isEqualTo(-25);
        assertThat(json.get("a").elements().get(2).bool()).isTrue();
        assertThat(json.get("a").elements().get(3).present()).isFalse();
        assertThat(json.get("s").bytes("")).isEqualTo("q\"\u00c3\u00a4\n");
        assertThat(json.get("o").get("deep").get("er").bytes("no")).isEqualTo("no");
    }

    @Test
    void complaintsNameThePath() throws BootException {
        Json json = parse("{\"process\": {\"args\": [\"a\", 1], \"user\": {\"uid\": 1.5}}}");
        assertThatThrownBy(() -> json.get("process").get("args").strings())
                .hasMessage("x: process.args[1] must be a string");
        assertThatThrownBy(() -> json.get("process").get("user").get("uid").integer(0, 0, 10))
                .hasMessage("x: process.user.uid must be a whole number from 0 to 10");
        assertThatThrownBy(() -> json.get("process").elements()).hasMessage("x: process must be an array");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{\"a\"}",
                "{\"a\":1,}",
                "[1 2]",
                "\"\\x\"",
                "\"a",
                "tru",
                "01",
                "+1",
                ".5",
                "1.2.3",
                "{} {}",
                "\"\\u12g4\""
            })
    void whatIsNoJsonIsNamedWithItsLine(String text) {
        assertThatThrownBy(() -> parse(text)).isInstanceOf(BootException.class).hasMessageStartingWith("x: line 1: ");
    }

    @Test
    void depthIsLimited() {
        assertThatThrownBy(() -> parse("[".repeat(100_000))).hasMessageContaining("nested more than");
    }
}
