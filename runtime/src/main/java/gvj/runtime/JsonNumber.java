package gvj.runtime;

import java.math.BigInteger;

/**
 * A JSON number as it was written: 64 bits do not fit into a double, and what a number means depends on who asks.
 *
 * @param text by JSON's grammar
 */
record JsonNumber(String text) {
    /** Whole numbers in another form than digits (1e3, 2.0) count up to here, where doubles are still exact. */
    private static final double EXACT = 1L << 53;

    /** -9223372036854775808 has 20 characters, and so has 2^64 - 1. */
    private static final int MOST_DIGITS = 20;

    /** Whether it is a whole number that a long holds. */
    boolean isLong() {
        return isDigits() ? whole().bitLength() <= 63 : isExactDouble();
    }

    /** Whether it is a whole number from 0 to 2^64 - 1. */
    boolean isUnsigned() {
        return isDigits()
                ? whole().signum() >= 0 && whole().bitLength() <= 64
                : isExactDouble() && Double.parseDouble(text) >= 0;
    }

    /** Its low 64 bits; only after one of the questions above. */
    long asLong() {
        return isDigits() ? whole().longValue() : (long) Double.parseDouble(text);
    }

    private BigInteger whole() {
        return new BigInteger(text);
    }

    private boolean isExactDouble() {
        double number = Double.parseDouble(text);
        return number == Math.rint(number) && Math.abs(number) <= EXACT;
    }

    private boolean isDigits() {
        int from = text.charAt(0) == '-' ? 1 : 0;
        if (text.length() > MOST_DIGITS) {
            return false;
        }
        for (int i = from; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }
}
