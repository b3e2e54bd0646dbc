/**
 * The systrap platform: application code runs in stub processes whose every system call is a signal, or a jump, to the
 * Sentry.
 *
 * <p>Everything that must be fast or exact is in the native half, {@code systrap-native/src/main/c}; see {@code
 * docs/systrap.md}.
 */
package gvj.systrap;
