package gvj.e2e;

/**
 * How a command ended.
 *
 * @param status exit status, 128 + signal for a killed one
 * @param out standard output, one char per byte
 * @param err standard error, likewise
 */
public record Result(int status, String out, String err) {}
