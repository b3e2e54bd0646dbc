/** What containers use, in the form of the host's cgroups. */
package gvj.shim.stats;
