/**
 * The KVM platform: application code runs in ring 3 of a virtual machine whose ring 0 is a stub that exits to the Sentry.
 *
 * <p>Everything that must be fast or exact is in the native half, {@code kvm-native/src/main/c}; see {@code docs/kvm.md}.
 */
package gvj.kvm;
