package gvj.e2e.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import gvj.e2e.Result;
import gvj.e2e.Run;
import java.nio.file.Path;

/** The lines of containerd that are in use: each has its own answers to how a shim is started and what it speaks. */
public enum Version {
    V1_6("1.6"),
    V1_7("1.7"),
    V2("2");

    final String number;

    Version(String number) {
        this.number = number;
    }

    /** Where its programs are. They are fetched when they are first asked for. */
    Path programs() {
        Path programs = Run.ROOT.resolve("build/containerd/" + number);
        Result fetched = Run.command(
                        Run.ROOT.resolve("e2e/containerd-programs").toString(), number, programs.toString())
                .timeout(300)
                .run();
        assertThat(fetched.status()).as("containerd-programs: " + fetched.err()).isZero();
        return programs;
    }
}
