package gvj.agent.metrics;

/** A Sentry's answer that is not believed. */
final class BadAnswer extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    /** Because of {@code reason}, one of {@link ScrapeErrors}. */
    BadAnswer(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
