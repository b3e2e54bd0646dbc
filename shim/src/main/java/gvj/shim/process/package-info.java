/** Containers and the processes in them, from their making to the record of their end. */
package gvj.shim.process;
