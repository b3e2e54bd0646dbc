/** From a command line or an OCI bundle to the boot message of a Sentry; and the {@code gvj} commands without a sandbox. */
package gvj.runtime;
