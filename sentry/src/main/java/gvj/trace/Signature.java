package gvj.trace;

/**
 * What the arguments of a call are.
 *
 * <p>A kind is a name of {@link Formats}, with a parameter behind a colon (the set of flags, or the number of the argument
 * that holds a length). One that ends in {@code !} is written by the call and shown when it returns.
 *
 * @param kinds one for each argument
 * @param result the kind of the result
 */
record Signature(String[] kinds, String result) {
    /** Parses {@code "fd buf!:2 size -> int"}. */
    static Signature parse(String text) {
        int arrow = text.indexOf("->");
        String arguments = (arrow < 0 ? text : text.substring(0, arrow)).strip();
        String result = arrow < 0 ? "int" : text.substring(arrow + 2).strip();
        return new Signature(arguments.isEmpty() ? new String[0] : arguments.split(" +"), result);
    }

    /** Six numbers: for a call nobody described. */
    static final Signature UNKNOWN = parse("hex hex hex hex hex hex");
}
