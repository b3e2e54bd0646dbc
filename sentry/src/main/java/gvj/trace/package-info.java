/**
 * System call tracing: one decoded line a call, as strace(1) writes it.
 *
 * <p>{@link gvj.trace.Signatures} says what the arguments of each call are, {@link gvj.trace.Formats} how each kind is
 * written, {@link gvj.trace.FlagNames} what bits and numbers are called, {@link gvj.trace.Strace} puts lines together,
 * {@link gvj.trace.TraceViewer} says who sees which, {@link gvj.trace.TracePipe} brings them to a reader that may be slow.
 */
package gvj.trace;
