package gvj.shim.process;

import com.google.protobuf.Timestamp;
import java.time.Instant;

/** Points in time on the wire. */
public final class Times {
    private Times() {}

    /** As a protobuf message. */
    public static Timestamp of(Instant time) {
        return Timestamp.newBuilder()
                .setSeconds(time.getEpochSecond())
                .setNanos(time.getNano())
                .build();
    }
}
