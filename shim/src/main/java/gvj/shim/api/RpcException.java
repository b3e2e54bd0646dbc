package gvj.shim.api;

/** A call that failed: what the caller gets is this code and this message. */
public final class RpcException extends Exception {
    /** Codes of gRPC, which ttrpc shares. Only they decide what containerd does; the message is for people. */
    public enum Code {
        CANCELED(1),
        UNKNOWN(2),
        INVALID_ARGUMENT(3),
        DEADLINE_EXCEEDED(4),
        NOT_FOUND(5),
        ALREADY_EXISTS(6),
        PERMISSION_DENIED(7),
        RESOURCE_EXHAUSTED(8),
        FAILED_PRECONDITION(9),
        ABORTED(10),
        OUT_OF_RANGE(11),
        /** From Create and Connect only for a service that is not there: containerd then tries an older version. */
        UNIMPLEMENTED(12),
        INTERNAL(13),
        UNAVAILABLE(14);

        private final int number;

        Code(int number) {
            this.number = number;
        }

        /** The number on the wire. */
        public int number() {
            return number;
        }

        /** The code with a number from the wire; {@link #UNKNOWN} for one that is none of these. */
        public static Code of(int number) {
            for (Code code : values()) {
                if (code.number == number) {
                    return code;
                }
            }
            return UNKNOWN;
        }
    }

    private final Code code;

    public RpcException(Code code, String message) {
        super(message);
        this.code = code;
    }

    public RpcException(Code code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    public static RpcException notFound(String message) {
        return new RpcException(Code.NOT_FOUND, message);
    }

    public static RpcException alreadyExists(String message) {
        return new RpcException(Code.ALREADY_EXISTS, message);
    }

    public static RpcException invalidArgument(String message) {
        return new RpcException(Code.INVALID_ARGUMENT, message);
    }

    public static RpcException failedPrecondition(String message) {
        return new RpcException(Code.FAILED_PRECONDITION, message);
    }

    public static RpcException unimplemented(String message) {
        return new RpcException(Code.UNIMPLEMENTED, message);
    }

    public Code code() {
        return code;
    }
}
