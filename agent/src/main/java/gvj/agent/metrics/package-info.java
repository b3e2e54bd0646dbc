/**
 * The exporter: asks the Sentry of each sandbox for its counters, checks the answer, and tells Prometheus.
 *
 * <p>Who a container is (namespace, pod, names, ids) comes from the state directories, which only root writes. A Sentry is
 * believed numbers only, under names that this program knows.
 */
package gvj.agent.metrics;
