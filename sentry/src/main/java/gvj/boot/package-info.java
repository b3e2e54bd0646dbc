/** Starting a sandbox: the boot message, what the launcher and the Sentry say to each other, and bringing everything up. */
package gvj.boot;
