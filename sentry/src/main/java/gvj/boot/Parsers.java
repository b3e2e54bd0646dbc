package gvj.boot;

/** What the Sentry does not know itself: the formats of an OCI runtime's objects. */
public record Parsers(ProcessParser process, LimitsParser limits, ContainerParser container) {}
