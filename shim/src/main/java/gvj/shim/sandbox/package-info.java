/** Pods that containerd leaves to the shim: what its {@code podsandbox} does for the others. */
package gvj.shim.sandbox;
