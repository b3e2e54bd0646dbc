package gvj.agent.metrics;

import gvj.boot.BootException;
import gvj.runtime.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a Sentry says of itself, checked: every number is whole and from 0 to 2^63 - 1, every name is known, every container
 * is one that the state directory has. Anything else makes the whole answer a {@link BadAnswer}; members that this program
 * does not know are not looked at.
 */
record Answer(
        long uptimeNanos,
        Map<String, Long> phaseNanos,
        long heapUsed,
        long heapMax,
        long threads,
        long logLines,
        Memory memory,
        Map<String, Long> goferRequests,
        List<Counters> containers) {

    /** Bytes; a limit of 0 is none. */
    record Memory(long usage, long limit, long peak) {}

    /** One container's. */
    record Counters(
            String id,
            long tasks,
            long processes,
            long openFiles,
            long pageFaults,
            long entries,
            Memory memory,
            long oomKills,
            long userNanos,
            long systemNanos,
            Map<String, Long> syscalls,
            Map<String, Long> errors,
            Map<String, Long> unimplemented) {}

    /** More than any address space: what stands for "no limit". */
    private static final long UNLIMITED = 1L << 56;

    /** Checks {@code document}; the state directory knows {@code containers}. */
    static Answer check(Json document, Set<String> containers) throws BadAnswer {
        try {
            return new Answer(
                    number(document, "uptime"),
                    numbers(document.get("phases"), KnownNames.PHASES::contains),
                    number(document.get("heap"), "used"),
                    number(document.get("heap"), "max"),
                    number(document, "threads"),
                    number(document, "log_lines"),
                    memory(document.get("memory")),
                    numbers(document.get("gofer"), KnownNames.OPERATIONS::contains),
                    containers(document.get("containers"), containers));
        } catch (BootException e) {
            throw new BadAnswer(ScrapeErrors.MALFORMED, e.getMessage());
        }
    }

    private static List<Counters> containers(Json array, Set<String> known) throws BootException, BadAnswer {
        Set<String> left = new HashSet<>(known);
        List<Counters> result = new ArrayList<>();
        for (Json element : array.elements()) {
            String id = element.get("id").chars("");
            if (left.remove(id)) {
                result.add(container(id, element));
            } else if (known.contains(id)) {
                throw new BadAnswer(ScrapeErrors.MALFORMED, "it names a container twice");
            }
            // One that is being made or deleted is the Sentry's already or still, and its name is not to be trusted.
        }
        return result;
    }

    private static Counters container(String id, Json element) throws BootException, BadAnswer {
        Json memory = element.get("memory");
        return new Counters(
                id,
                number(element, "tasks"),
                number(element, "processes"),
                number(element, "open_files"),
                number(element, "page_faults"),
                number(element, "entries"),
                memory(memory),
                number(memory, "oom_kill"),
                number(element.get("cpu"), "user"),
                number(element.get("cpu"), "system"),
                numbers(element.get("syscalls"), KnownNames::isSyscall),
                numbers(element.get("errors"), KnownNames.ERRNOS::contains),
                numbers(element.get("unimplemented"), KnownNames::isSyscall));
    }

    private static Memory memory(Json object) throws BootException {
        long limit = object.get("limit").integer(0, -1, Long.MAX_VALUE);
        return new Memory(number(object, "usage"), limit < 0 || limit >= UNLIMITED ? 0 : limit, number(object, "peak"));
    }

    private static Map<String, Long> numbers(Json object, Predicate<String> known) throws BootException, BadAnswer {
        Map<String, Long> result = new LinkedHashMap<>();
        for (String name : object.names()) {
            if (!known.test(name)) {
                throw new BadAnswer(ScrapeErrors.UNKNOWN_NAME, object.path() + " has a name that there is not");
            }
            result.put(name, number(object, name));
        }
        return result;
    }

    private static long number(Json object, String member) throws BootException {
        return object.get(member).integer(0, 0, Long.MAX_VALUE);
    }
}
