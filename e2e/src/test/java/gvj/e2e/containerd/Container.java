package gvj.e2e.containerd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import gvj.e2e.Result;
import gvj.e2e.oci.Work;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** A container of a pod. */
record Container(Pod pod, String name, String id) {
    /** Runs a script in it to its end. */
    Result exec(String script) {
        return exec(script, 30);
    }

    /** The same with the timeout given, in seconds. */
    Result exec(String script, int timeout) {
        ObjectNode request =
                Work.JSON.createObjectNode().put("container_id", id).put("timeout", timeout);
        request.putArray("cmd").add("sh").add("-c").add(script);
        JsonNode answer = pod.cri.call("ExecSync", request);
        return new Result(
                answer.path("exit_code").asInt(),
                decode(answer.path("stdout").asText()),
                decode(answer.path("stderr").asText()));
    }

    /** What a script prints, on both streams. */
    String print(String script) {
        Result result = exec(script);
        return result.out() + result.err();
    }

    private static String decode(String bytes) {
        return new String(Base64.getDecoder().decode(bytes), StandardCharsets.ISO_8859_1);
    }

    JsonNode status() {
        return pod.cri.call("ContainerStatus", "container_id", id).path("status");
    }

    String state() {
        return status().path("state").asText().replace("CONTAINER_", "");
    }

    /** Its exit status, once it has ended. */
    int awaitExit() {
        Work.until(name + " has ended", () -> state().equals("EXITED"));
        return status().path("exit_code").asInt();
    }

    /** What it has written: the lines of its log without their time and stream. */
    String log() {
        StringBuilder text = new StringBuilder();
        for (String line : lines()) {
            String[] fields = line.split(" ", 4); // time, stream, F or P, text
            text.append(fields[3]).append(fields[2].equals("F") ? "\n" : "");
        }
        return text.toString();
    }

    /** The lines of its log as they are. */
    List<String> lines() {
        return Work.read(pod.logs.resolve(name + ".log")).lines().toList();
    }

    /** Waits until it has written this. */
    void awaitLog(String text) {
        Work.until(name + " writes: " + text, () -> log().contains(text));
    }

    /** Stops it: TERM, and KILL after so many seconds. */
    void stop(int seconds) {
        pod.cri.call(
                "StopContainer",
                Work.JSON.createObjectNode().put("container_id", id).put("timeout", seconds));
    }

    void remove() {
        pod.cri.call("RemoveContainer", "container_id", id);
    }

    /** Its statistics. */
    JsonNode stats() {
        return pod.cri.call("ContainerStats", "container_id", id).path("stats");
    }
}
