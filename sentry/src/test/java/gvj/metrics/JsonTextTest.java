package gvj.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Commas and quotes. */
class JsonTextTest {
    @Test
    void membersAndElementsAreSeparated() {
        JsonText json = new JsonText().begin('{').put("a", 1).put("b", "x");
        json.name("c").begin('[').value(1).value("y");
        json.begin('{').end('}').begin('[').end(']').end(']');
        json.put("d", -2).end('}');
        assertEquals("{\"a\":1,\"b\":\"x\",\"c\":[1,\"y\",{},[]],\"d\":-2}", json.toString());
    }

    @Test
    void stringsAreEscaped() {
        assertEquals(
                "\"\\\"\\\\\\u0000\\u000a\\u001f\\u007f/\u00e4\"",
                new JsonText().value("\"\\\0\n\u001f\u007f/\u00e4").toString());
    }
}
