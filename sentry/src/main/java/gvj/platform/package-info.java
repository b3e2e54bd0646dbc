/**
 * The platform SPI: what runs application code at CPU speed and hands every system call, fault and exception back.
 *
 * <p>No implementation lives here. {@code kvm-native} and {@code systrap-native} provide one each, found by
 * {@link java.util.ServiceLoader} through {@link gvj.platform.PlatformProvider}.
 */
package gvj.platform;
