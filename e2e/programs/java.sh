"$JAVA_HOME/bin/java" -version 2>&1 | head -1
cat >Main.java <<'X'
import java.util.concurrent.*;
public class Main {
    public static void main(String[] a) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(8);
        Future<?>[] f = new Future<?>[50];
        LongAdderHolder h = new LongAdderHolder();
        for (int i = 0; i < f.length; i++) { int n = i; f[i] = pool.submit(() -> { Thread.sleep(5); h.add(n); return null; }); }
        for (Future<?> x : f) x.get();
        pool.shutdown();
        byte[][] garbage = new byte[100][]; for (int i = 0; i < 2000; i++) garbage[i % 100] = new byte[100_000];
        System.out.println(h.sum + " " + new String(new ProcessBuilder("echo", "child").start().getInputStream().readAllBytes()));
    }
    static class LongAdderHolder { long sum; synchronized void add(long n) { sum += n; } }
}
X
"$JAVA_HOME/bin/java" -XX:+UseSerialGC -Xmx128m Main.java
