/** What containerd asks of a pod: one process for all of its containers. */
package gvj.shim;
