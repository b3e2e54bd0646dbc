/** Events on their way to containerd. */
package gvj.shim.events;
