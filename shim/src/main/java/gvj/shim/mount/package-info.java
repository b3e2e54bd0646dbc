/** Root file systems, as containerd's snapshots name their parts. */
package gvj.shim.mount;
