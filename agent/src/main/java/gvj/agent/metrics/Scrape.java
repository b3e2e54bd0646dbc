package gvj.agent.metrics;

import gvj.boot.Control;
import gvj.runtime.ControlClient;
import gvj.runtime.ToolException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks all sandboxes at once and waits no longer than a deadline. One that does not answer costs a thread, and is not asked
 * again before that thread is back; the others do not notice.
 */
final class Scrape {
    /** A document of 8 containers with all their calls is about 100 KiB. */
    private static final int MAX_ANSWER = 1 << 20;

    private final StateRoots roots;
    private final ScrapeErrors errors;
    private final long deadlineNanos;
    private final ExecutorService threads = Executors.newCachedThreadPool(Scrape::thread);
    /** Questions without an answer so far, by incarnation. */
    private final Map<String, Future<Answer>> pending = new LinkedHashMap<>();

    Scrape(StateRoots roots, ScrapeErrors errors, long deadlineNanos) {
        this.roots = roots;
        this.errors = errors;
        this.deadlineNanos = deadlineNanos;
    }

    private static Thread thread(Runnable work) {
        return Thread.ofPlatform().name("ask").daemon().stackSize(256 << 10).unstarted(work);
    }

    /** A sandbox and what it answered; null if nothing that counts. */
    record Result(SandboxState sandbox, Answer answer) {}

    /** One for each sandbox there is now. */
    synchronized List<Result> run() {
        long deadline = System.nanoTime() + deadlineNanos;
        List<SandboxState> sandboxes = roots.sandboxes();
        Set<String> alive = new HashSet<>();
        for (SandboxState sandbox : sandboxes) {
            String key = key(sandbox);
            alive.add(key);
            Future<Answer> earlier = pending.get(key);
            if (earlier == null || earlier.isDone()) {
                pending.put(key, threads.submit(question(sandbox)));
            }
        }
        pending.keySet().retainAll(alive);
        List<Result> results = new ArrayList<>();
        for (SandboxState sandbox : sandboxes) {
            results.add(new Result(sandbox, answer(pending.get(key(sandbox)), deadline)));
        }
        return results;
    }

    private static String key(SandboxState sandbox) {
        return sandbox.directory() + " " + sandbox.incarnation();
    }

    private Callable<Answer> question(SandboxState sandbox) {
        Set<String> containers = Set.copyOf(sandbox.containers().keySet());
        return () -> {
            try (ControlClient client =
                    ControlClient.connect(sandbox.id(), "", sandbox.directory().toString())) {
                if (client == null) {
                    throw new BadAnswer(ScrapeErrors.REFUSED, "no Sentry listens");
                }
                return Answer.check(client.read(Control.METRICS, MAX_ANSWER, deadlineNanos), containers);
            } catch (ToolException e) {
                throw new BadAnswer(ScrapeErrors.REFUSED, e.getMessage());
            }
        };
    }

    private Answer answer(Future<Answer> question, long deadline) {
        try {
            return question.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            errors.count(ScrapeErrors.TIMEOUT);
        } catch (ExecutionException e) {
            errors.count(e.getCause() instanceof BadAnswer bad ? bad.reason() : ScrapeErrors.MALFORMED);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return null;
    }
}
