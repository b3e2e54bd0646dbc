/** The services: what containerd asks, in terms of {@link gvj.shim.process}. */
package gvj.shim.task;
