package gvj.shim;

import gvj.shim.task.Pod;

/** The shim's JVM, as {@code containerd-shim-gvisor-java-v1 start} starts it: {@link Arguments}. */
public final class Main {
    private Main() {}

    public static void main(String[] words) {
        Arguments arguments = Arguments.parse(words);
        Shim shim = new Shim(arguments);
        if (arguments.train()) {
            new Thread(new Training(arguments.socket()), "training").start();
        }
        shim.serve(new Pod(shim));
    }
}
