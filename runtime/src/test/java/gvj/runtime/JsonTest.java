package gvj.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import gvj.boot.BootException;
import java.nio.charset.StandardCharsets;
import java.util.List;
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

    @Test
    void numbersHave64Bits() throws BootException {
        Json json = parse(
                "[9007199254740993, 18446744073709551615, 18446744073709551616, 1e400, -0, 1E2, -9223372036854775808]");
        List<Json> numbers = json.elements();
        assertThat(numbers.get(0).integer(0, 0, Long.MAX_VALUE)).isEqualTo(9007199254740993L);
        assertThat(numbers.get(1).unsigned(0)).isEqualTo(-1L);
        assertThat(numbers.get(4).unsigned(7)).isZero();
        assertThat(numbers.get(5).integer(0, 0, 100)).isEqualTo(100);
        assertThat(numbers.get(6).integer(0, Long.MIN_VALUE, 0)).isEqualTo(Long.MIN_VALUE);
        for (int i : new int[] {1, 2, 3}) {
            assertThatThrownBy(() -> numbers.get(i).integer(0, Long.MIN_VALUE, Long.MAX_VALUE))
                    .hasMessageStartingWith("x: [" + i + "] must be a whole number");
        }
        assertThatThrownBy(() -> numbers.get(2).unsigned(0)).hasMessageContaining("18446744073709551615");
        assertThatThrownBy(() -> numbers.get(3).unsigned(0)).isInstanceOf(BootException.class);
        assertThatThrownBy(() -> numbers.get(6).unsigned(0)).isInstanceOf(BootException.class);
        assertThatThrownBy(() -> parse("1" + "0".repeat(1000))).hasMessageContaining("more than 400 characters");
    }

    @Test
    void theLastOfTwoMembersCounts() throws BootException {
        assertThat(parse("{\"a\": 1, \"a\": 2}").get("a").integer(0, 0, 9)).isEqualTo(2);
    }

    @Test
    void whatIsNoUtf8IsRefused() {
        assertThatThrownBy(() -> Json.parse("x", new byte[] {'"', (byte) 0xff, '"'}))
                .hasMessage("x: it is not UTF-8 text");
    }

    @Test
    void whatIsWrittenCanBeRead() throws BootException {
        String text =
                "{\"a\":[1,-2.5e1,true,null,18446744073709551615],\"s\":\"q\\\"\\\\\\u00e4\\n\\u0001\",\"o\":{},\"l\":[]}";
        assertThat(JsonWriter.compact(parse(text).value())).isEqualTo(text);
        assertThat(JsonWriter.compact(
                        parse(JsonWriter.pretty(parse(text).value(), "  ")).value()))
                .isEqualTo(text);
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
                "-",
                "1.",
                "1e",
                "1e+",
                "-a",
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
