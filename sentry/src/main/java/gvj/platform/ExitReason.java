package gvj.platform;

/** Why {@link ExecutionContext#run} came back. */
public enum ExitReason {
    /** The application made a system call: number in {@code rax}/{@code orig_rax}, {@code rip} behind the instruction. */
    SYSCALL,
    /** A page fault: see {@link ExecutionContext#faultAddress} and {@link ExecutionContext#faultAccess}. */
    FAULT,
    /** Another CPU exception: see {@link ExecutionContext#vector} and {@link ExecutionContext#errorCode}. */
    EXCEPTION,
    /** {@link ExecutionContext#interrupt} was called, or the platform wants the caller to come again. */
    INTERRUPTED,
    /** The platform can no longer run this context; {@link ExecutionContext#failure} says why. The task must die. */
    FAILED,
}
