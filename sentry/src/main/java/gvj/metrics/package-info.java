/**
 * What operators are told of a running sandbox: counters ({@link gvj.metrics.Metrics}), how long its start took
 * ({@link gvj.metrics.StartTimes}), what its threads do now ({@link gvj.metrics.Stacks}) and over a while ({@link
 * gvj.metrics.Profile}). Only looks; and since it may be asked any time, it works in a confined process.
 */
package gvj.metrics;
